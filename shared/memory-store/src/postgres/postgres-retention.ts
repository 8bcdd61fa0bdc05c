import { inTransaction, timestamp, withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import type { ExpiredMemory, Retention } from '../retention.js';
import { pruneAccesses } from './prune-accesses.js';

/** Rows that one statement looks at. */
const PAGE = 1_000;

/** What the store may let go of, over the pool it is given; the pool stays the caller's to end. */
export function createPostgresRetention({ pool }: { pool: pg.Pool }): Retention {
  return {
    hold: (duty, holder, forMs) =>
      withStoreErrors(async () => (await pool.query(HOLD, [duty, holder, forMs])).rowCount === 1),
    expired: ({ after, limit }) =>
      withStoreErrors(async () => {
        const from = [timestamp(after?.expires_at ?? null), after?.namespace ?? '', after?.key ?? ''];
        return (await pool.query<ExpiredMemory>(EXPIRED, [...from, limit])).rows;
      }),
    pruneHistory: async ({ days, versions }, signal) => {
      const replaced = { duty: 'history by age', age: `${days} days`, remove: REMOVE_REPLACED, values: [] };
      const beyond = { duty: 'history by count', age: SETTLED, remove: REMOVE_BEYOND, values: [versions] };
      return (
        (await inPages(() => nextWindow(pool, replaced), signal)) +
        (await inPages(() => nextWindow(pool, beyond), signal))
      );
    },
    pruneAccesses: (signal) => pruneAccesses(pool, signal),
    pruneTombstones: ({ days, projections }, signal) =>
      inPages(
        () =>
          withStoreErrors(async () => {
            const { rowCount } = await pool.query(PRUNE_TOMBSTONES, [days, projections, PAGE]);
            return { removed: rowCount ?? 0, full: rowCount === PAGE };
          }),
        signal,
      ),
  };
}

const HOLD = `
  insert into duties as held (name, holder, held_until) values ($1, $2, now() + $3 * interval '1 millisecond')
  on conflict (name) do update set holder = excluded.holder, held_until = excluded.held_until
  where held.holder = excluded.holder or held.held_until is null or held.held_until < now()`;

const EXPIRED = `
  select namespace, key, coord, version, revision, expires_at from memories
  where not deleted and expires_at <= now()
    and ($1::timestamptz is null or (expires_at, namespace, key) > ($1, $2, $3))
  order by expires_at, namespace, key
  limit $4`;

/** A version is written down with the time before its transaction ends; later than this it is there. */
const SETTLED = '5 minutes';

interface PageResult {
  removed: number;
  /** There may be more. */
  full: boolean;
}

async function inPages(page: () => Promise<PageResult>, signal: AbortSignal | undefined): Promise<number> {
  for (let removed = 0; ;) {
    const result = await page();
    removed += result.removed;
    if (!result.full || signal?.aborted === true) return removed;
  }
}

interface Pruning {
  duty: string;
  /** Only what was written longer ago. */
  age: string;
  remove: string;
  values: readonly unknown[];
}

/**
 * The history in the order of its writing, one window further: how far it is, is written down with what was removed.
 * Each version is so looked at once and never again.
 */
function nextWindow(pool: pg.Pool, { duty, age, remove, values }: Pruning): Promise<PageResult> {
  return inTransaction(pool, async (tx) => {
    await tx.query(ENSURE_DUTY, [duty]);
    const { rows } = await tx.query<Window>(NEXT_WINDOW, [duty, age, PAGE]);
    const [found] = rows;
    if (found === undefined) return { removed: 0, full: false };
    const { rowCount } = await tx.query(remove, [timestamp(found.since), timestamp(found.until), ...values]);
    await tx.query(MOVE_DUTY, [duty, timestamp(found.until)]);
    return { removed: rowCount ?? 0, full: found.full };
  });
}

interface Window {
  since: number;
  until: number;
  full: boolean;
}

const ENSURE_DUTY = `insert into duties (name) values ($1) on conflict (name) do nothing`;

/** Times are of whole milliseconds, as those of the history. No row when the window is empty. */
const NEXT_WINDOW = `
  with duty as (
    select coalesce(done_until, 'epoch') as since, date_trunc('milliseconds', now() - $2::interval) as horizon
    from duties where name = $1 for update
  ), last_of_page as (
    select at from duty, lateral (
      select at from history where at > duty.since and at <= duty.horizon order by at offset $3 - 1 limit 1) as page
  )
  select since, coalesce((select at from last_of_page), horizon) as until, exists (select from last_of_page) as full
  from duty where horizon > since`;

const MOVE_DUTY = `update duties set done_until = $2 where name = $1`;

/** What a version of the window has replaced. */
const REMOVE_REPLACED = `
  delete from history as old
  using (select namespace, key, max(version) as version from history where at > $1 and at <= $2 group by 1, 2) as newer
  where old.namespace = newer.namespace and old.key = newer.key and old.version < newer.version`;

const REMOVE_BEYOND = `
  delete from history as old
  using (select namespace, key, max(version) as version from history where at > $1 and at <= $2 group by 1, 2) as newer
  where old.namespace = newer.namespace and old.key = newer.key and old.version <= newer.version - $3::bigint`;

/** Of the history of a pruned memory nothing but deletions is left. 2^40: see revisionOf. */
const PRUNE_TOMBSTONES = `
  with old as (
    select memory.namespace, memory.key, memory.version
    from memories as memory
    where memory.deleted and memory.updated_at < now() - $1 * interval '1 day'
      and not exists (
        select from history
        where history.namespace = memory.namespace and history.key = memory.key and history.version < memory.version)
      and not exists (
        select from unnest($2::text[]) as projection (name)
        left join progress on progress.group_name = projection.name and progress.topic = 'memory.events'
          and progress.partition = memory.partition
        where coalesce(progress.generation * 1099511627776 + progress.command_position < memory.revision, true))
    order by memory.updated_at
    limit $3
    for update of memory skip locked
  ), forgotten as (
    delete from history using old
    where history.namespace = old.namespace and history.key = old.key
  )
  delete from memories using old where memories.namespace = old.namespace and memories.key = old.key`;
