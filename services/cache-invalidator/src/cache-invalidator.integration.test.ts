import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cache } from '@soma/cache';
import { createInProcessCache, createInProcessLimiter } from '@soma/cache/in-process';
import type { MemoryState } from '@soma/memory';
import { WrittenWorld } from '@soma/projections/contract';
import type { Service } from '@soma/service';
import { Registry } from 'prom-client';
import { createCacheInvalidator } from './index.js';

const CLEAN = { missing: 0, older: 0, newer: 0, orphaned: 0, wrongly_live: 0, behind: 0, repaired: 0 };

let world: WrittenWorld;
let cache: Cache;
let invalidator: Service;

beforeEach(async () => {
  world = await WrittenWorld.open();
  cache = createInProcessCache();
  const { log, ledger, codec, memories, jobs, logger } = world;
  invalidator = createCacheInvalidator({
    log,
    ledger,
    codec,
    cache,
    limiter: createInProcessLimiter(),
    memories,
    jobs,
    logger,
    registry: new Registry(),
    onCrash: (error) => {
      throw error;
    },
    timing: { backoff: { minMs: 5, maxMs: 20 } },
  });
  await invalidator.start();
});
afterEach(async () => {
  await invalidator.stop();
  await cache.close();
  await world.close();
});

const storeMany = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, at) => world.store(`m${at}`)));
const verify = async (request = {}) => (await world.work('verify-cache', request)).result;

/** In the place of the entry that is there, whatever its revision. */
async function replace(state: MemoryState, revision: number): Promise<void> {
  const { namespace, key } = state;
  await cache.remove([{ namespace, key, revision: state.revision }]);
  await cache.put([{ ...state, revision }]);
}

test('verify finds what the cache holds wrongly, and nothing in what it does not hold; repair takes it out', async () => {
  const states = await storeMany(10);
  await world.followed('cache-invalidator');
  expect(await verify()).toEqual({ ...CLEAN, checked: 10, examples: [] });
  const [absent, older, newer] = states;
  if (!absent || !older || !newer) throw new Error('too few');
  await cache.remove([absent]);
  await replace(older, older.revision - 1);
  await replace(newer, newer.revision + 1);
  await cache.put([{ ...older, key: 'orphan', coord: 'orphan', revision: 7 }]);
  const counts = { ...CLEAN, older: 1, newer: 1, orphaned: 1 };
  expect(await verify()).toMatchObject({ ...counts, checked: 10 });
  expect(await verify({ namespace: 'other' })).toMatchObject({ ...CLEAN, checked: 0 });
  expect(await verify({ repair: true })).toMatchObject({ ...counts, repaired: 3 });
  expect(await verify()).toEqual({ ...CLEAN, checked: 10, examples: [] });
  const keys = [absent.key, older.key, newer.key, 'orphan', 'm9'];
  expect(await cache.revisions('team', keys)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    states[9]?.revision,
  ]);
}, 90_000);

test('verify raises no false alarm while memories change', async () => {
  await storeMany(10);
  const stop = new AbortController();
  const writes = (async () => {
    for (let at = 0; !stop.signal.aborted; at += 1) await world.store(`m${at % 10}`, `text ${at}`);
  })();
  try {
    for (let run = 0; run < 3; run += 1) expect(await verify()).toMatchObject(CLEAN);
  } finally {
    stop.abort();
    await writes;
  }
}, 60_000);

test('rebuild empties the cache of all that was there, and what comes meanwhile is right', async () => {
  const states = await storeMany(10);
  await world.followed('cache-invalidator');
  const [wrong] = states;
  if (!wrong) throw new Error('too few');
  await replace(wrong, wrong.revision + 1);
  const job = await world.work('rebuild-cache');
  expect(job).toMatchObject({ state: 'done', result: { ...CLEAN, emptied: 10 } });
  const keys = states.map(({ key }) => key);
  expect(await cache.revisions('team', keys)).toEqual(keys.map(() => undefined));
  const again = await world.store('m0', 'new');
  await world.followed('cache-invalidator');
  expect(await cache.revisions('team', ['m0'])).toEqual([again.revision]);
});
