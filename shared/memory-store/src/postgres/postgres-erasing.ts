import { timestamp, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { ErasureQuery, ErasureTarget, Erasing, Remains } from '../erasing.js';
import { compileFilter } from './compile-filter.js';
import { liveCondition } from './memory-row.js';

/** What is left of memories, over the pool it is given; the pool stays the caller's to end. */
export function createPostgresErasing({ pool }: { pool: pg.Pool }): Erasing {
  return {
    targets: (query) => withStoreErrors(() => readTargets(pool, query)),
    count: (query, upTo) => withStoreErrors(() => countTargets(pool, query, upTo)),
    eraseLetters: ({ namespace, until, id }) =>
      withStoreErrors(async () => {
        await pool.query(ERASE_LETTERS, [namespace, timestamp(until), id]);
      }),
    lettersErasedBy: (ids) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ count: number }>(LETTERS_ERASED_BY, [ids]);
        return rows[0]?.count ?? 0;
      }),
    remains: (namespace, keys) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<Remains>(REMAINS, [namespace, keys]);
        return rows[0] ?? { memories: 0, history: 0, dead_letters: 0, links: 0, index_points: 0 };
      }),
  };
}

async function readTargets(connection: Queryable, query: ErasureQuery): Promise<ErasureTarget[]> {
  const { text, values } = targetStatement(query);
  const { rows } = await connection.query<ErasureTarget>(text, values);
  return rows;
}

async function countTargets(
  connection: Queryable,
  query: Pick<ErasureQuery, 'namespace' | 'selection'>,
  upTo: number,
): Promise<{ count: number; last: string | null }> {
  const { text, values } = targetStatement({ ...query, after: null, until: null, limit: upTo });
  const { rows } = await connection.query<{ count: number; last: string | null }>(
    `select count(*) as count, max(key) as last from (${text}) as target`,
    values,
  );
  return rows[0] ?? { count: 0, last: null };
}

function targetStatement({ namespace, selection, after, until, limit }: ErasureQuery) {
  // No key is empty, so every key is behind ''.
  const values: unknown[] = [namespace, after ?? '', limit, until];
  if (selection === 'all') return { text: LEFT_OVER, values: [...values, null] };
  if ('keys' in selection) return { text: LEFT_OVER, values: [...values, selection.keys] };
  if ('filter' in selection)
    return { text: matching('not deleted', compileFilter(selection.filter, values)), values };
  return { text: matching(liveCondition('memories'), compileFilter(selection.live, values)), values };
}

const matching = (subject: string, condition: string): string => `
  select key, coord, version, revision from memories
  where namespace = $1 and key > $2 and ($4::text is null or key <= $4) and ${subject} and ${condition}
  order by key
  limit $3`;

/** $5: these keys only, null for all. The last branch finds letters that only the key of their record tells of. */
const LEFT_OVER = `
  select left_over.key, coalesce(memory.coord, left_over.key) as coord, memory.version, memory.revision
  from (
    (select key from memories
      where namespace = $1 and key > $2 and not deleted and ($5::text[] is null or key = any($5))
      order by key limit $3)
    union (select distinct key from history
      where namespace = $1 and key > $2 and ($5::text[] is null or key = any($5))
        and (state ->> 'deleted')::boolean is not true
      order by key limit $3)
    union (select distinct from_key from links
      where namespace = $1 and from_key > $2 and ($5::text[] is null or from_key = any($5))
      order by from_key limit $3)
    union (select distinct to_key from links
      where namespace = $1 and to_key > $2 and ($5::text[] is null or to_key = any($5))
      order by to_key limit $3)
    union (select distinct memory_key from dead_letters
      where namespace = $1 and memory_key > $2 and ($5::text[] is null or memory_key = any($5)) and erased_at is null
      order by memory_key limit $3)
    union (select wanted.key
      from unnest($5::text[]) as wanted (key)
      join dead_letters on substring(dead_letters.key for 1100) = convert_to($1 || '/' || wanted.key, 'UTF8')
      where wanted.key > $2 and erased_at is null)
  ) as left_over
  left join memories as memory on memory.namespace = $1 and memory.key = left_over.key
  where $4::text is null or left_over.key <= $4
  order by left_over.key
  limit $3`;

/** Keys of records begin with the namespace and a slash; the next character is 0. */
const OF_NAMESPACE = `(namespace = $1
  or key >= convert_to($1 || '/', 'UTF8') and key < convert_to($1 || '0', 'UTF8'))`;

const ERASE_LETTERS = `
  update dead_letters
  set key = null, value = null, headers = '{}', erased_at = now(), erased_by = $3
  where erased_at is null and recorded_at <= $2 and ${OF_NAMESPACE}`;

const LETTERS_ERASED_BY = `select count(*) as count from dead_letters where erased_by = any($1::uuid[])`;

const REMAINS = `
  select
    (select count(*) from memories
      where namespace = $1 and not deleted and ($2::text[] is null or key = any($2))) as memories,
    (select count(*) from history
      where namespace = $1 and (state ->> 'deleted')::boolean is not true
        and ($2::text[] is null or key = any($2))) as history,
    (select count(*) from dead_letters
      where erased_at is null and case when $2::text[] is null then ${OF_NAMESPACE} else
        (namespace = $1 and memory_key = any($2)) or substring(key for 1100) in (
          select convert_to($1 || '/' || wanted, 'UTF8') from unnest($2) as wanted) end) as dead_letters,
    (select count(*) from links
      where namespace = $1 and ($2::text[] is null or from_key = any($2) or to_key = any($2))) as links,
    (select count(*) from index_points
      where namespace = $1 and not deleted and ($2::text[] is null or key = any($2))) as index_points`;
