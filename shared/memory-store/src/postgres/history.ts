import { isLive, type Memory, type MemoryState } from '@soma/memory';
import { timestamp, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { HistoryReader, HistoryReads, MemoryVersion, PastMemory, PastQuery } from '../history.js';

export function createHistory(pool: pg.Pool): HistoryReads {
  return {
    versions: ({ before, limit, ...reader }) =>
      withStoreErrors(async () => {
        const values = [...readerValues(reader), before, limit];
        return (await pool.query<MemoryVersion>({ ...VERSIONS, values })).rows;
      }),
    past: (query) => withStoreErrors(() => readPast(pool, query)),
  };
}

function readerValues({ namespace, key, user_id, deleted_too }: HistoryReader): unknown[] {
  return [namespace, key, user_id, deleted_too];
}

/**
 * The first version of the life that a memory has now, for a reader; no row when there is none. Its first version was
 * written when the memory was created; 0 when that is no longer kept, and then nothing older is. Where lives ended and
 * began within a millisecond, it begins behind the last end.
 */
const LIFE = `
  select coalesce((
    select greatest(min(version), 1 + max(version) filter (
      where (state ->> 'deleted')::boolean or (state ->> 'expires_at')::bigint <= (state ->> 'created_at')::bigint))
    from history
    where history.namespace = $1 and history.key = $2 and history.at = memories.created_at
  ), 0) as first
  from memories
  where namespace = $1 and key = $2 and not deleted and (expires_at is null or expires_at > now())
    and ($3::text is null or user_id = $3)`;

const VERSIONS = {
  name: 'history_versions',
  text: `
  with life as materialized (${LIFE})
  select state, operation_id, issuer from history
  where namespace = $1 and key = $2
    and ($4::boolean or version >= (select first from life))
    and ($3::text is null or state ->> 'user_id' = $3)
    and ($5::bigint is null or version < $5)
  order by version desc
  limit $6`,
};

interface PastRow {
  first: number | null;
  latest: number | null;
  oldest: number | null;
  state: MemoryState | null;
  now: number;
}

async function readPast(connection: Queryable, { moment, ...reader }: PastQuery): Promise<PastMemory> {
  const [version, asOf] = 'version' in moment ? [moment.version, null] : [null, moment.as_of];
  const values = [...readerValues(reader).slice(0, 3), version, timestamp(asOf)];
  const { rows } = await connection.query<PastRow>({ ...PAST, values });
  const [row] = rows;
  return row === undefined ? { missing: 'never' } : pastOf(row, version, asOf, reader);
}

const PAST = {
  name: 'history_past',
  text: `
  select
    (${LIFE}) as first,
    (select version from memories where namespace = $1 and key = $2) as latest,
    (select min(version) from history where namespace = $1 and key = $2) as oldest,
    (
      select state from history
      where namespace = $1 and key = $2 and (version = $4::bigint or at <= $5::timestamptz)
      order by version desc
      limit 1
    ) as state,
    now() as now`,
};

function pastOf(
  { first, latest, oldest, state, now }: PastRow,
  version: number | null,
  asOf: number | null,
  { user_id, deleted_too }: HistoryReader,
): PastMemory {
  if (latest === null || (first === null && !deleted_too)) return { missing: 'never' };
  // Before what is kept, a memory that is older than that may have been; a life of which the beginning is kept, not.
  const mayHaveBeen = oldest !== null && oldest > 1 && (deleted_too || first === 0);
  if (state === null) {
    const isBefore = version === null || (oldest !== null && version < oldest);
    return { missing: mayHaveBeen && isBefore ? 'expired' : 'never' };
  }
  const isOfLife = deleted_too || state.version >= (first ?? 0);
  const wasThere = asOf === null ? !state.deleted : isLive(state, Math.min(asOf, now));
  const isTheirs = user_id === null || (!state.deleted && state.user_id === user_id);
  return isOfLife && wasThere && isTheirs ? { memory: state as Memory } : { missing: 'never' };
}
