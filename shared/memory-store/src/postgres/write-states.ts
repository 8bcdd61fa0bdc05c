import { speakerOf, threadPlace, type Memory, type MemoryState } from '@soma/memory';
import { timestamp, type Queryable } from '@soma/postgres';

/** The newest state of a memory, and when the command was issued that made the memory (epoch milliseconds). */
export interface WrittenState {
  state: MemoryState;
  issued_at: number;
}

/** Each memory at most once. */
export async function writeStates(
  tx: Queryable,
  written: readonly WrittenState[],
  partition: number,
): Promise<void> {
  if (written.length === 0) return;
  const states = written.map(({ state }) => state);
  const identity = <T>(value: (state: MemoryState) => T): T[] => states.map(value);
  const content = <T>(value: (memory: Memory) => T): (T | null)[] =>
    states.map((state) => (state.deleted ? null : value(state)));
  await tx.query({
    ...WRITE_STATES,
    values: [
      partition,
      identity((state) => state.namespace),
      identity((state) => state.key),
      identity((state) => state.coord),
      identity((state) => state.deleted),
      content((memory) => JSON.stringify(memory.payload)),
      content((memory) => memory.text),
      content((memory) => memory.text_given),
      content((memory) => memory.memory_type),
      content((memory) => memory.user_id),
      content((memory) => memory.agent_id),
      content((memory) => memory.thread_id),
      content((memory) => memory.actor),
      // unnest would flatten an array of arrays, so each row's tags travel as JSON.
      content((memory) => JSON.stringify(memory.tags)),
      content((memory) => memory.importance),
      identity((state) => state.version),
      identity((state) => state.revision),
      content((memory) => timestamp(memory.occurred_at)),
      content((memory) => timestamp(memory.expires_at)),
      content((memory) => timestamp(memory.created_at)),
      identity((state) => timestamp(state.updated_at)),
      content(speakerOf),
      written.map(({ state, issued_at }) => (state.deleted ? null : (state.occurred_at ?? issued_at))),
      content((memory) => threadPlace(memory.coord)),
    ],
  });
}

/** While a memory lives on, it keeps the time of the command that made it. */
const WRITE_STATES = {
  name: 'write_states',
  text: `
  insert into memories (
    partition, namespace, key, coord, deleted, payload, text, text_given, memory_type, user_id, agent_id, thread_id,
    actor, tags, importance, version, revision, occurred_at, expires_at, created_at, updated_at, speaker,
    thread_time, thread_place)
  select
    $1::int, namespace, key, coord, deleted, payload, text, text_given, memory_type, user_id, agent_id, thread_id,
    actor, case when tags is not null then array(select json_array_elements_text(tags)) end,
    importance, version, revision, occurred_at, expires_at, created_at, updated_at, speaker, thread_time, thread_place
  from unnest(
    $2::text[], $3::text[], $4::text[], $5::boolean[], $6::json[], $7::text[], $8::boolean[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::json[], $15::float8[], $16::bigint[], $17::bigint[],
    $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[], $22::text[], $23::bigint[],
    $24::text[])
    as written (namespace, key, coord, deleted, payload, text, text_given, memory_type, user_id, agent_id, thread_id,
      actor, tags, importance, version, revision, occurred_at, expires_at, created_at, updated_at, speaker,
      thread_time, thread_place)
  on conflict (namespace, key) do update set
    partition = excluded.partition, coord = excluded.coord, deleted = excluded.deleted, payload = excluded.payload,
    text = excluded.text, text_given = excluded.text_given, memory_type = excluded.memory_type,
    user_id = excluded.user_id, agent_id = excluded.agent_id, thread_id = excluded.thread_id,
    actor = excluded.actor, tags = excluded.tags, importance = excluded.importance, version = excluded.version,
    revision = excluded.revision, occurred_at = excluded.occurred_at, expires_at = excluded.expires_at,
    created_at = excluded.created_at, updated_at = excluded.updated_at, speaker = excluded.speaker,
    thread_place = excluded.thread_place,
    thread_time = case
      when excluded.occurred_at is null and memories.occurred_at is null and memories.created_at = excluded.created_at
      then memories.thread_time else excluded.thread_time end`,
};

/** One version of one memory, with the command that made it. */
export interface Change {
  state: MemoryState;
  operation_id: string;
  issuer: string;
}

/** Every version, deletions among them, also those that a later command of the same batch replaced. */
export async function writeHistory(
  tx: Queryable,
  changes: readonly Change[],
  partition: number,
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query({
    ...WRITE_HISTORY,
    values: [
      partition,
      changes.map(({ state }) => state.namespace),
      changes.map(({ state }) => state.key),
      changes.map(({ state }) => state.version),
      changes.map(({ state }) => state.revision),
      changes.map(({ operation_id }) => operation_id),
      changes.map(({ issuer }) => issuer),
      changes.map(({ state }) => timestamp(state.updated_at)),
      changes.map(({ state }) => JSON.stringify(state)),
    ],
  });
}

const WRITE_HISTORY = {
  name: 'write_history',
  text: `
  insert into history (partition, namespace, key, version, revision, operation_id, issuer, at, state)
  select $1::int, * from unnest(
    $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::uuid[], $7::text[], $8::timestamptz[], $9::json[])`,
};
