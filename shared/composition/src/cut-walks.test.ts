import { createPostgresGraphStore } from '@soma/graph-store/postgres';
import { expect, test } from '@jest/globals';
import type pg from 'pg';
import { Registry } from 'prom-client';
import { cutWalks } from './bounds.js';

/** A pool over a graph so wide that every level has `width` links from the start. */
function widePool(width: number): pg.Pool {
  const links = Array.from({ length: width }, (_, at) => ({
    from_key: 'a',
    to_key: `k${at}`,
    link_type: 'related',
    end: `k${at}`,
    cost: 1,
  }));
  const query = (statement: string | { values: [string, string[]] }, values?: unknown[]) => {
    if (typeof statement !== 'string')
      return Promise.resolve({ rows: statement.values[1].map((key) => ({ key })) });
    // The bound is the last of what a level is asked with.
    return Promise.resolve({ rows: links.slice(0, Number(values?.at(-1) ?? 0)) });
  };
  return { connect: () => Promise.resolve({ query, release: () => undefined }) } as unknown as pg.Pool;
}

async function walksCut(width: number): Promise<unknown> {
  const registry = new Registry();
  const graph = createPostgresGraphStore({ pool: widePool(width), observer: cutWalks(registry) });
  const filter = { namespace: 'team', user_id: null, link_type: null };
  await graph.neighbors({ ...filter, key: 'a', direction: 'out', depth: 2, limit: 10 });
  await graph.path({ ...filter, from_key: 'a', to_key: 'z', max_depth: 2 });
  const values = (await registry.getSingleMetric('soma_graph_walks_cut_total')?.get())?.values ?? [];
  return Object.fromEntries(values.map(({ labels, value }) => [labels.walk, value]));
}

test('a walk that did not follow all there was is counted, once', async () => {
  expect(await walksCut(5_000)).toEqual({});
  expect(await walksCut(5_001)).toEqual({ neighbors: 1 });
  expect(await walksCut(10_000)).toEqual({ neighbors: 1 });
  expect(await walksCut(10_001)).toEqual({ neighbors: 1, path: 1 });
});
