import {
  BaseStore,
  type GetOperation,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchItem,
  type SearchOperation,
} from '@langchain/langgraph-checkpoint';
import type { SomaClient, SomaSession } from '../client.js';
import { throwRejected } from '../rejected.js';
import { coordOf, filtersOf, foundItemOf, itemOf, labelsIn, memoryOf } from './item.js';
import { commonPrefix, pageOf } from './namespaces.js';
import { check, chunks, isGet, isPut, isSearch, lastPuts } from './operations.js';

export interface SomaStoreOptions {
  /** Paths into values whose words are searched, where a put names none; absent: all words of a value. */
  fields?: string[] | undefined;
}

/** What the service gives in one page of a search. */
const MOST_FOUND_AT_ONCE = 100;

/**
 * LangGraph's long-term memory, kept in a namespace of SomaFractalMemory. It reads its own writes: an item that was
 * put is found by the next search. Methods reject with SomaError, and with InvalidNamespaceError as BaseStore does.
 */
export class SomaStore extends BaseStore {
  readonly #session: SomaSession;
  readonly #fields: readonly string[] | undefined;

  constructor(client: SomaClient, { fields }: SomaStoreOptions = {}) {
    super();
    this.#session = client.session();
    this.#fields = fields;
  }

  /** What is read is as it was before the puts of the same batch; of puts under one key the last one counts. */
  async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    operations.forEach(check);
    const items = this.#get(operations.filter(isGet));
    const results = await Promise.all(operations.map((operation) => this.#read(operation, items)));
    await this.#put(lastPuts(operations));
    return results as OperationResults<Op>;
  }

  async #read(
    operation: Operation,
    items: Promise<Map<GetOperation, Item>>,
  ): Promise<Item | null | SearchItem[] | string[][] | undefined> {
    if (isSearch(operation)) return this.#search(operation);
    if (isPut(operation)) return undefined;
    if (isGet(operation)) return (await items).get(operation) ?? null;
    return this.#listNamespaces(operation);
  }

  async #get(operations: readonly GetOperation[]): Promise<Map<GetOperation, Item>> {
    const found = new Map<GetOperation, Item>();
    for (const chunk of chunks(operations)) {
      const coords = await Promise.all(chunk.map(coordOf));
      const memories = await this.#session.getMany(coords);
      chunk.forEach((operation, index) => {
        const memory = memories[index] ?? null;
        if (memory !== null) found.set(operation, itemOf(memory));
      });
    }
    return found;
  }

  async #search({ query = '', ...operation }: SearchOperation): Promise<SearchItem[]> {
    return query === '' ? this.#newest(operation) : this.#best(query, operation);
  }

  async #best(
    query: string,
    { namespacePrefix, filter, limit = 10, offset = 0 }: Omit<SearchOperation, 'query'>,
  ) {
    const filters = filtersOf(namespacePrefix, filter);
    const found: SearchItem[] = [];
    while (found.length < limit) {
      const top_k = Math.min(limit - found.length, MOST_FOUND_AT_ONCE);
      const page = await this.#session.search({ query, top_k, offset: offset + found.length, filters });
      found.push(...page.memories.map(foundItemOf));
      if (page.memories.length < top_k) break;
    }
    return found;
  }

  async #newest({ namespacePrefix, filter, limit = 10, offset = 0 }: Omit<SearchOperation, 'query'>) {
    const filters = filtersOf(namespacePrefix, filter);
    const found: SearchItem[] = [];
    if (limit <= 0) return found;
    let skipped = 0;
    for await (const memory of this.#session.list({ filters, order: 'updated_at', direction: 'desc' })) {
      if (skipped < offset) skipped += 1;
      else found.push(itemOf(memory));
      if (found.length === limit) break;
    }
    return found;
  }

  /** The service keeps no list of paths: every item under the common prefix is looked at. */
  async #listNamespaces(operation: ListNamespacesOperation): Promise<string[][]> {
    const filters = filtersOf(commonPrefix(operation.matchConditions ?? []));
    const namespaces = new Map<string, string[]>();
    for await (const memory of this.#session.list({ filters })) {
      const labels = labelsIn(memory);
      namespaces.set(JSON.stringify(labels), labels);
    }
    return pageOf([...namespaces.values()], operation);
  }

  async #put(operations: readonly PutOperation[]): Promise<void> {
    for (const chunk of chunks(operations)) {
      const writes = chunk.map(async (operation) => {
        const { value } = operation;
        const coord = await coordOf(operation);
        if (value === null) return { op: 'delete', coord } as const;
        return { op: 'put', ...memoryOf(coord, { ...operation, value }, this.#fields) } as const;
      });
      throwRejected(await this.#session.batch(await Promise.all(writes)));
    }
  }
}
