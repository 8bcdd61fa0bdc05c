import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createInProcessOutcomes } from '@soma/cache/in-process';
import type { GraphStore } from '@soma/graph-store';
import { linkBatchOf, linkCommand } from '@soma/graph-store/contract';
import { createPostgresGraphStore } from '@soma/graph-store/postgres';
import { WrittenWorld } from '@soma/projections/contract';
import type { Service } from '@soma/service';
import { Registry } from 'prom-client';
import { createGraph } from './index.js';

const CLEAN = { missing: 0, older: 0, newer: 0, orphaned: 0, wrongly_live: 0, behind: 0, repaired: 0 };

let world: WrittenWorld;
let links: GraphStore;
let graph: Service;

beforeEach(async () => {
  world = await WrittenWorld.open();
  links = createPostgresGraphStore({ pool: world.pool });
  const { log, ledger, codec, jobs, logger } = world;
  graph = createGraph({
    log,
    ledger,
    codec,
    links,
    jobs,
    outcomes: createInProcessOutcomes(),
    logger,
    registry: new Registry(),
    onCrash: (error) => {
      throw error;
    },
    timing: { backoff: { minMs: 5, maxMs: 20 } },
  });
});
afterEach(async () => {
  await graph.stop();
  await world.close();
});

const verify = async (request = {}) => (await world.work('verify-graph', request)).result;
const store = (...coords: string[]) => Promise.all(coords.map((coord) => world.store(coord)));

/** By way of the store: the worker's own commands are another test's affair. */
async function link(...pairs: [string, string][]): Promise<void> {
  const { ledger } = world;
  const owner = await ledger.claim('graph', 'graph.commands', 9);
  const commands = pairs.map(([from, to]) => linkCommand(from, to));
  await links.apply(linkBatchOf(owner, owner.position + 1, commands, { partition: 9 }));
}

test('verify finds links that should have gone or know too much; repair mends them', async () => {
  await store('a', 'b', 'c', 'd');
  await link(['a', 'b'], ['b', 'c'], ['c', 'd'], ['d', 'nobody']);
  await graph.start();
  await world.followed('graph');
  expect(await verify()).toEqual({ ...CLEAN, checked: 4, examples: [] });
  await world.delete('b');
  await world.followed('graph');
  // As if the removal had been lost.
  await world.pool.query(`
    insert into links select namespace, from_key, link_type, 'b', from_coord, 'b', weight, properties, version, revision,
      from_revision, 1, created_at, updated_at from links where from_key = 'c'`);
  await world.pool.query(
    `update links set to_revision = to_revision + 5 where from_key = 'c' and to_key = 'd'`,
  );
  const counts = { ...CLEAN, orphaned: 1, newer: 1 };
  const found = await verify();
  expect(found).toMatchObject({ ...counts, checked: 3 });
  expect(found?.['examples']).toEqual([
    expect.objectContaining({ namespace: 'team', coord: 'b', kind: 'orphaned', found_revision: 1 }),
    expect.objectContaining({ namespace: 'team', coord: 'd', kind: 'newer' }),
  ]);
  expect(await verify({ sample: 10, repair: true })).toMatchObject({ ...counts, repaired: 2 });
  expect(await verify()).toMatchObject({ ...CLEAN, checked: 2 });
});

test('a link that the worker is about to remove is no difference', async () => {
  await store('a', 'b');
  await link(['a', 'b']);
  await world.delete('a');
  // The job looks first and has to wait for the worker, which has not begun.
  const job = await world.jobs.create({ kind: 'verify-graph', request: {}, issuer: 'test' });
  await graph.start();
  expect((await world.over(job.job_id)).result).toMatchObject(CLEAN);
  expect(await links.checks.count(null)).toBe(0);
});

test('rebuild removes what should have gone', async () => {
  await store('a', 'b');
  await graph.start();
  await world.delete('a');
  await world.followed('graph');
  await world.pool.query(`
    insert into links values ('team', 'a', 'related', 'b', 'a', 'b', 1, '{}', 1, 1, 1, 1, now(), now())`);
  const job = await world.work('rebuild-graph');
  expect(job).toMatchObject({ state: 'done', result: { ...CLEAN, orphaned: 1, repaired: 1, checked: 1 } });
  expect(await links.checks.count(null)).toBe(0);
});
