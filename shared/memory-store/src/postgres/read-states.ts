import type { Memory, MemoryState } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { ChangedSince } from '../port.js';
import { EACH_ASKED, memoryColumns, stateFromRow, type MemoryRow } from './memory-row.js';

/** What identifies a memory. */
export interface MemoryId {
  namespace: string;
  key: string;
}

/** One string per identity: neither part can hold a space. */
export function idText({ namespace, key }: MemoryId): string {
  return `${namespace} ${key}`;
}

/** Locks the rows in one order everywhere (namespace, key), so that transactions never wait in a circle. */
export async function lockStates(tx: Queryable, ids: readonly MemoryId[]): Promise<Map<string, MemoryState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<MemoryRow>({
    ...LOCK_STATES,
    values: [ids.map((id) => id.namespace), ids.map((id) => id.key)],
  });
  return new Map(rows.map((row) => [idText(row), stateFromRow(row)]));
}

const LOCK_STATES = {
  name: 'lock_states',
  text: `
  select ${memoryColumns('memories')} from memories
  where (namespace, key) in (select * from unnest($1::text[], $2::text[]))
  order by namespace, key
  for update`,
};

export async function liveMemories(
  connection: Queryable,
  namespace: string,
  keys: readonly string[],
  user_id: string | null = null,
): Promise<Map<string, Memory>> {
  if (keys.length === 0) return new Map();
  const { rows } = await connection.query<Memory>({ ...LIVE_MEMORIES, values: [namespace, keys, user_id] });
  return new Map(rows.map((memory) => [memory.key, memory]));
}

const LIVE_MEMORIES = {
  name: 'live_memories',
  text: `select ${memoryColumns('memory')} from ${EACH_ASKED('*')} as memory`,
};

export async function currentStates(
  connection: Queryable,
  namespace: string,
  keys: readonly string[],
): Promise<{ states: Map<string, MemoryState>; now: number }> {
  const { rows } = await connection.query<{ now: number } & (MemoryRow | { key: null })>({
    ...CURRENT_STATES,
    values: [namespace, keys],
  });
  const states = new Map<string, MemoryState>();
  let clock = Number.NaN;
  for (const { now, ...row } of rows) {
    clock = now;
    if (row.key !== null) states.set(row.key, stateFromRow(row));
  }
  return { states, now: clock };
}

/** The clock comes even when there is no row: it is the left side. */
const CURRENT_STATES = {
  name: 'current_states',
  text: `
  select now() as now, ${memoryColumns('memories')}
  from (select 1) as clock
  left join memories on namespace = $1 and key = any($2::text[])`,
};

export async function changedSince(
  connection: Queryable,
  { partition, after, upTo, limit }: ChangedSince,
): Promise<MemoryState[]> {
  const { rows } = await connection.query<MemoryRow>({
    ...CHANGED_SINCE,
    values: [partition, after, upTo ?? Number.MAX_SAFE_INTEGER, limit],
  });
  return rows.map(stateFromRow);
}

const CHANGED_SINCE = {
  name: 'changed_since',
  text: `
  select ${memoryColumns('memories')} from memories
  where partition = $1 and revision > $2 and revision <= $3
  order by revision
  limit $4`,
};

export async function lastRevision(connection: Queryable, partition: number): Promise<number | undefined> {
  const { rows } = await connection.query<{ revision: number | null }>(LAST_REVISION, [partition]);
  return rows[0]?.revision ?? undefined;
}

const LAST_REVISION = `select max(revision) as revision from memories where partition = $1`;
