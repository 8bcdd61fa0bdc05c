import { withStoreErrors } from '@soma/postgres';
import type pg from 'pg';

/** Rows that one statement looks at. */
const PAGE = 1_000;

/** Goes through all counts by their key and removes those whose memory is gone. Returns how many went. */
export async function pruneAccesses(pool: pg.Pool, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (let page: Page = { namespace: '', key: '', removed: 0 }; signal?.aborted !== true;) {
    const next = await prunePage(pool, page);
    if (next === undefined) break;
    page = next;
    removed += page.removed;
  }
  return removed;
}

function prunePage(pool: pg.Pool, { namespace, key }: Page): Promise<Page | undefined> {
  return withStoreErrors(async () => (await pool.query<Page>(PRUNE, [namespace, key, PAGE])).rows[0]);
}

interface Page {
  /** The last row that was looked at. */
  namespace: string;
  key: string;
  removed: number;
}

/** No row when nothing follows. */
const PRUNE = `
  with page as (
    select namespace, key, created_at from memory_accesses
    where (namespace, key) > ($1, $2)
    order by namespace, key
    limit $3
  ), removed as (
    delete from memory_accesses as counted using page
    where counted.namespace = page.namespace and counted.key = page.key
      and not exists (
        select from memories
        where memories.namespace = page.namespace and memories.key = page.key
          and memories.created_at = page.created_at and not memories.deleted)
    returning 1
  )
  select namespace, key, (select count(*) from removed) as removed
  from page
  order by namespace desc, key desc
  limit 1`;
