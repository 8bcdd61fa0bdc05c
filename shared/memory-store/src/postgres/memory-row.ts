import type { Memory, MemoryState } from '@soma/memory';

/** The columns of a MemoryState; `from` is the table's name in the query. */
export function memoryColumns(from: string): string {
  return MEMORY_COLUMNS.map((column) => `${from}.${column}`).join(', ');
}

const MEMORY_COLUMNS = [
  'namespace',
  'key',
  'coord',
  'deleted',
  'payload',
  'text',
  'text_given',
  'memory_type',
  'user_id',
  'agent_id',
  'thread_id',
  'actor',
  'tags',
  'importance',
  'version',
  'revision',
  'occurred_at',
  'expires_at',
  'created_at',
  'updated_at',
] as const satisfies (keyof Memory)[];

/** A row of memories. Of a tombstone the columns of its content are there too, and null. */
export type MemoryRow = MemoryState;

export function stateFromRow(row: MemoryRow): MemoryState {
  if (!row.deleted) return row;
  const { deleted, namespace, key, coord, version, revision, updated_at } = row;
  return { deleted, namespace, key, coord, version, revision, updated_at };
}

/** SQL: is it a memory of the user in that parameter? Null means everybody. */
export function ofUserCondition(from: string, parameter: string): string {
  return `(${parameter}::text is null or ${from}.user_id = ${parameter})`;
}

/** SQL: is there a memory for a reader now? The same rule as isLive, by Postgres's clock. */
export function liveCondition(from: string): string {
  return `not ${from}.deleted and (${from}.expires_at is null or ${from}.expires_at > now())`;
}

/**
 * SQL: the live memories that a reader ($1 namespace, $2 keys, $3 user or null) asks for, each by its primary key,
 * whatever the planner thinks of a table that has just grown, or of one that was empty when it planned.
 */
export const EACH_ASKED = (columns: string) => `
  unnest($2::text[]) as asked (key)
  cross join lateral (
    select ${columns} from memories
    where namespace = $1 and key = asked.key and ${liveCondition('memories')} and ${ofUserCondition('memories', '$3')}
    offset 0
  )`;
