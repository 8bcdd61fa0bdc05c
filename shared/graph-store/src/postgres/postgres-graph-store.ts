import type pg from 'pg';
import { sampled } from '@soma/memory-store/postgres';
import { inTransaction, untilAborted, withStoreErrors } from '@soma/postgres';
import type { GraphStore, WalkObserver } from '../port.js';
import { applyLinks } from './apply-links.js';
import { cheapestPath } from './cheapest-path.js';
import { createLinkChecks } from './link-checks.js';
import { neighbors } from './neighbors.js';
import { removeLinksOf } from './remove-links.js';
import { touchingLinks } from './touching-links.js';

export interface PostgresGraphStoreOptions {
  pool: pg.Pool;
  observer?: WalkObserver;
}

/** Links in the tables beside the memories they lead to, over the pool it is given; the pool stays the caller's to end. */
export function createPostgresGraphStore({ pool, observer }: PostgresGraphStoreOptions): GraphStore {
  return {
    apply: (batch) => inTransaction(pool, (tx) => applyLinks(tx, batch)),
    removeLinksOf: (deletions, progress) =>
      inTransaction(pool, (tx) => removeLinksOf(tx, deletions, progress)),
    neighbors: (query) =>
      walked('neighbors', observer, (onCut) =>
        inTransaction(pool, (tx) => neighbors(tx, query, onCut), ONE_SNAPSHOT),
      ),
    path: (query) =>
      walked('path', observer, (onCut) =>
        inTransaction(pool, (tx) => cheapestPath(tx, query, onCut), ONE_SNAPSHOT),
      ),
    touching: (query, signal) => withStoreErrors(() => touchingLinks(untilAborted(pool, signal), query)),
    checks: createLinkChecks(pool),
    totals: sampled(() => withStoreErrors(() => countLinks(pool))),
  };
}

const ONE_SNAPSHOT = 'begin isolation level repeatable read read only';

/** A walk that was cut at several levels counts once. */
async function walked<T>(
  walk: 'neighbors' | 'path',
  observer: WalkObserver | undefined,
  run: (onCut: () => void) => Promise<T>,
): Promise<T> {
  const cuts = new Set<string>();
  const result = await run(() => cuts.add(walk));
  if (cuts.size > 0) observer?.cut(walk);
  return result;
}

async function countLinks(pool: pg.Pool): Promise<{ links: number }> {
  const { rows } = await pool.query<{ links: number }>('select count(*) as links from links');
  return { links: rows[0]?.links ?? 0 };
}
