import { SomaError } from '@soma/memory';
import { timestamp, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { Change, ChangeReads, ChangesPage, ChangesPlace, ChangesQuery } from '../changes.js';

export function createChanges(pool: pg.Pool): ChangeReads {
  return {
    page: (query) => withStoreErrors(() => readPage(pool, query)),
    placeAt: (namespace, since) => withStoreErrors(() => findPlace(pool, namespace, since)),
  };
}

interface PageRow {
  now: number;
  kept_since: number;
  change: Change | null;
}

async function readPage(
  connection: Queryable,
  { namespace, after, limit }: ChangesQuery,
): Promise<ChangesPage> {
  const partitions = Object.keys(after.revisions);
  const values = [namespace, partitions, Object.values(after.revisions), limit];
  const { rows } = await connection.query<PageRow>({ ...CHANGES, values });
  const [first] = rows;
  if (first === undefined) throw new SomaError('internal', 'the clock has no row');
  if (after.at < first.kept_since) throw expired();
  const found = rows.flatMap(({ change }) => change ?? []);
  const isLast = found.length < limit;
  const revisions = { ...after.revisions };
  for (const { partition, state } of found) revisions[partition] = state.revision;
  return {
    changes: found,
    // What was read of a longer row says nothing of what is behind it.
    next: { revisions, at: isLast ? first.now : Math.max(after.at, found.at(-1)?.at ?? 0) },
    isLast,
  };
}

function expired(): SomaError {
  return new SomaError('cursor_expired', 'the changes since then are no longer kept; read the memories anew');
}

/** Before this, versions that were replaced have gone: see postgres-retention.ts. */
const KEPT_SINCE = `(select coalesce(max(done_until), 'epoch') from duties where name = 'history by age')`;

/**
 * One snapshot: a partition's changes are committed in the order of their revisions, so there is nothing earlier to
 * come. Across partitions by time; within one always by revision, even where a clock went back.
 */
const CHANGES = {
  name: 'changes_page',
  text: `
  with places as (
    select progress.partition, coalesce(asked.revision, -1) as revision
    from progress
    left join unnest($2::int[], $3::bigint[]) as asked (partition, revision) using (partition)
    where group_name = 'writer' and topic = 'memory.commands'
  ), candidates as (
    select found.*, max(found.at) over (partition by found.partition order by found.revision) as merged_at
    from places
    cross join lateral (
      select history.namespace, history.key, history.version, history.partition, history.revision, history.at
      from history
      where history.namespace = $1 and history.partition = places.partition and history.revision > places.revision
      order by history.revision
      limit $4
    ) as found
  ), page as (
    select * from candidates order by merged_at, partition, revision limit $4
  )
  select now() as now, ${KEPT_SINCE} as kept_since, found.change
  from (select 1) as clock
  left join (
    select page.merged_at, page.partition, page.revision, json_build_object(
      'state', state, 'operation_id', operation_id, 'partition', page.partition,
      'at', (extract(epoch from page.at) * 1000)::bigint,
      'before', case when (state ->> 'deleted')::boolean then (
        select earlier.state from history as earlier
        where earlier.namespace = page.namespace and earlier.key = page.key and earlier.version = page.version - 1
      ) end) as change
    from page join history using (namespace, key, version)
  ) as found on true
  order by found.merged_at, found.partition, found.revision`,
};

interface PlaceRow {
  now: number;
  kept_since: number;
  partition: number | null;
  revision: number | null;
}

async function findPlace(
  connection: Queryable,
  namespace: string,
  since: number | null,
): Promise<ChangesPlace> {
  const { rows } = await connection.query<PlaceRow>({ ...PLACE, values: [namespace, timestamp(since)] });
  const [first] = rows;
  if (first === undefined) throw new SomaError('internal', 'the clock has no row');
  if (since !== null && since < first.kept_since) throw expired();
  const revisions: Record<number, number> = {};
  for (const { partition, revision } of rows)
    if (partition !== null && revision !== null) revisions[partition] = revision;
  return { revisions, at: since === null ? first.now : Math.min(since, first.now) };
}

/** The last revision before the time: where nothing is behind it, all that the writer has done. 2^40: see revisionOf. */
const PLACE = {
  name: 'changes_place',
  text: `
  select now() as now, ${KEPT_SINCE} as kept_since, progress.partition, coalesce(
    case when $2::timestamptz is not null then (
      select history.revision - 1 from history
      where history.namespace = $1 and history.partition = progress.partition and history.at >= $2
      order by history.revision
      limit 1) end,
    progress.generation * 1099511627776 + progress.position) as revision
  from (select 1) as clock
  left join progress on group_name = 'writer' and topic = 'memory.commands'`,
};
