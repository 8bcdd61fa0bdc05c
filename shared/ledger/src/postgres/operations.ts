import { isUuid, type ErrorCode, type Operation } from '@soma/memory';
import { timestamp, type Queryable } from '@soma/postgres';

type OperationRow = Omit<Operation, 'error'> & { error_code: ErrorCode | null; error_detail: string | null };

/** finished_at is the row's recorded_at: the moment of the transaction that finished it. */
const OPERATION_COLUMNS = `
  command_id as operation_id, namespace, topic, partition, position, generation, coord, status, deleted, created,
  version, revision, memory_type, error_code, error_detail, index_error, request_hash, issuer, accepted_at,
  recorded_at as finished_at`;

function operationFromRow({ error_code, error_detail, ...row }: OperationRow): Operation {
  return { ...row, error: error_code === null ? null : { code: error_code, detail: error_detail ?? '' } };
}

/** The first outcome of each id that has one, by id in lower case. Ids that are no UUIDs have none. */
export async function seenOperations(
  connection: Queryable,
  ids: readonly string[],
  namespace?: string,
): Promise<Map<string, Operation>> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return new Map();
  const { rows } = await connection.query<OperationRow>({
    ...SEEN_OPERATIONS,
    values: [known, namespace ?? null],
  });
  const seen = new Map<string, Operation>();
  for (const row of rows) {
    if (!seen.has(row.operation_id)) seen.set(row.operation_id, operationFromRow(row));
  }
  return seen;
}

const SEEN_OPERATIONS = {
  name: 'seen_operations',
  text: `
  select ${OPERATION_COLUMNS} from operations
  where command_id = any($1::uuid[]) and ($2::text is null or namespace = $2)
  order by recorded_at`,
};

export async function insertOperations(tx: Queryable, operations: readonly Operation[]): Promise<void> {
  if (operations.length === 0) return;
  const column = <T>(value: (operation: Operation) => T): T[] => operations.map(value);
  await tx.query({
    ...INSERT_OPERATIONS,
    values: [
      column((operation) => operation.operation_id),
      column((operation) => timestamp(operation.finished_at)),
      column((operation) => operation.namespace),
      column((operation) => operation.topic),
      column((operation) => operation.partition),
      column((operation) => operation.position),
      column((operation) => operation.generation),
      column((operation) => operation.coord),
      column((operation) => operation.status),
      column((operation) => operation.deleted),
      column((operation) => operation.created),
      column((operation) => operation.version),
      column((operation) => operation.revision),
      column((operation) => operation.memory_type),
      column((operation) => operation.error?.code ?? null),
      column((operation) => operation.error?.detail ?? null),
      column((operation) => operation.index_error),
      column((operation) => operation.request_hash),
      column((operation) => operation.issuer),
      column((operation) => timestamp(operation.accepted_at)),
    ],
  });
}

const INSERT_OPERATIONS = {
  name: 'insert_operations',
  text: `
  insert into operations (
    command_id, recorded_at, namespace, topic, partition, position, generation, coord, status, deleted, created,
    version, revision, memory_type, error_code, error_detail, index_error, request_hash, issuer, accepted_at)
  select * from unnest(
    $1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::int[], $8::text[], $9::text[],
    $10::boolean[], $11::boolean[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[], $17::text[],
    $18::text[], $19::text[], $20::timestamptz[])`,
};

/** Takes operations away by id and position, so that what replaces them is the only one of its id. */
export async function removeOperations(tx: Queryable, operations: readonly Operation[]): Promise<void> {
  if (operations.length === 0) return;
  await tx.query(REMOVE_OPERATIONS, [
    operations.map((operation) => operation.operation_id),
    operations.map((operation) => operation.generation),
    operations.map((operation) => operation.partition),
    operations.map((operation) => operation.position),
  ]);
}

const REMOVE_OPERATIONS = `
  delete from operations as operation
  using unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[]) as replaced (command_id, generation, partition, position)
  where operation.command_id = replaced.command_id
    and (operation.generation, operation.partition, operation.position)
      = (replaced.generation, replaced.partition, replaced.position)`;

/**
 * Advisory locks of the ids that an idempotency key made (UUIDv5): the only ones that can arrive on two partitions
 * at once, each of which would find the id unseen. Sorted, so that batches never wait for each other in a circle.
 */
export function idempotencyLocks(ids: readonly string[]): bigint[] {
  const locks = new Set<bigint>();
  for (const id of ids) {
    if (isUuid(id) && id[VERSION_DIGIT] === '5') {
      locks.add(BigInt.asIntN(64, BigInt(`0x${id.replaceAll('-', '').slice(0, 16)}`)));
    }
  }
  return [...locks].sort((a, b) => (a < b ? -1 : 1));
}

/** Where RFC 9562 section 4.2 puts the version. */
const VERSION_DIGIT = 14;
