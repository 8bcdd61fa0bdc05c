import type pg from 'pg';
import { sampled } from '@soma/memory-store/postgres';
import { inTransaction, withStoreErrors } from '@soma/postgres';
import type { GraphStore } from '../port.js';
import { applyLinks } from './apply-links.js';
import { cheapestPath } from './cheapest-path.js';
import { createLinkChecks } from './link-checks.js';
import { neighbors } from './neighbors.js';
import { removeLinksOf } from './remove-links.js';
import { touchingLinks } from './touching-links.js';

/** Links in the tables beside the memories they lead to, over the pool it is given; the pool stays the caller's to end. */
export function createPostgresGraphStore({ pool }: { pool: pg.Pool }): GraphStore {
  return {
    apply: (batch) => inTransaction(pool, (tx) => applyLinks(tx, batch)),
    removeLinksOf: (deletions, progress) =>
      inTransaction(pool, (tx) => removeLinksOf(tx, deletions, progress)),
    neighbors: (query) => inTransaction(pool, (tx) => neighbors(tx, query), ONE_SNAPSHOT),
    path: (query) => inTransaction(pool, (tx) => cheapestPath(tx, query), ONE_SNAPSHOT),
    touching: (query) => withStoreErrors(() => touchingLinks(pool, query)),
    checks: createLinkChecks(pool),
    totals: sampled(() => withStoreErrors(() => countLinks(pool))),
  };
}

const ONE_SNAPSHOT = 'begin isolation level repeatable read read only';

async function countLinks(pool: pg.Pool): Promise<{ links: number }> {
  const { rows } = await pool.query<{ links: number }>('select count(*) as links from links');
  return { links: rows[0]?.links ?? 0 };
}
