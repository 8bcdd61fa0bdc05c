import {
  validateNamespace,
  type GetOperation,
  type Operation,
  type PutOperation,
  type SearchOperation,
} from '@langchain/langgraph-checkpoint';

export function isSearch(operation: Operation): operation is SearchOperation {
  return 'namespacePrefix' in operation;
}

export function isPut(operation: Operation): operation is PutOperation {
  return 'value' in operation;
}

export function isGet(operation: Operation): operation is GetOperation {
  return 'key' in operation && !isPut(operation);
}

/** BaseStore's own methods check their namespaces; `batch` is called without them, too. @throws InvalidNamespaceError */
export function check(operation: Operation): void {
  if (isSearch(operation))
    validateNamespace(operation.namespacePrefix, { allowEmpty: true, allowReservedRoot: true });
  else if ('namespace' in operation) validateNamespace(operation.namespace, { allowReservedRoot: true });
}

/** Puts of one batch, the last of each key. */
export function lastPuts(operations: readonly Operation[]): PutOperation[] {
  const puts = operations
    .filter(isPut)
    .map((put): [string, PutOperation] => [JSON.stringify([put.namespace, put.key]), put]);
  return [...new Map(puts).values()];
}

/** What the service takes in one batch. */
const MOST_AT_ONCE = 500;

export function chunks<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / MOST_AT_ONCE);
  return Array.from({ length: count }, (_, index) =>
    all.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE),
  );
}
