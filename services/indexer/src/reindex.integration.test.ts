import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startEmbeddingEndpoint, vectorOf, type EmbeddingEndpoint } from '@soma/embedder/contract';
import type { IndexGenerations } from '@soma/index-generations';
import { EVERYTHING, type JsonObject, type MemoryState } from '@soma/memory';
import type { WrittenWorld } from '@soma/projections/contract';
import { eventually } from '@soma/testing';
import { holdable } from './test/holdable-index.js';
import { BASE, IndexedWorld, revisionsOf, SMALL_HASH } from './test/indexed-world.js';

const CLEAN = { missing: 0, older: 0, newer: 0, orphaned: 0, wrongly_live: 0, behind: 0, repaired: 0 };
const TO_HASH: JsonObject = { embedder: 'hash', dimension: SMALL_HASH.dimension };
const DIMENSION = 24;

let indexed: IndexedWorld;
let world: WrittenWorld;
let endpoint: EmbeddingEndpoint;
/** Of a process that only searches. */
let searching: IndexGenerations;

beforeEach(async () => {
  indexed = await IndexedWorld.open();
  world = indexed.written;
  endpoint = await startEmbeddingEndpoint(DIMENSION);
  searching = indexed.generations();
});
afterEach(async () => {
  await indexed.close();
  await endpoint.close();
});

const toEndpoint = (): JsonObject => ({
  embedder: 'openai',
  model: 'm',
  url: endpoint.url,
  dimension: DIMENSION,
});

/** Keys by what the query means, as a search does it: the generation once, then its embedder, then its collection. */
async function nearest(query: string): Promise<string[]> {
  const { collection, embedder } = await searching.active();
  const [embedding] = await embedder.embed([query], { purpose: 'query' });
  const { dense } = await indexed.index.search(collection, {
    namespace: 'team',
    filter: EVERYTHING,
    now: Date.now(),
    dense: { vector: vectorOf(embedding), limit: 1_000 },
    sparse: null,
    about: false,
  });
  return dense.map(({ key }) => key);
}

async function work(kind: 'reindex' | 'rollback-reindex' | 'finish-reindex', request: JsonObject = {}) {
  const { state, result, error } = await world.work(kind, request);
  return { state, error, result };
}

function allOf(states: MemoryState[]): string[] {
  return states.map(({ key }) => key).sort();
}

describe('reindex', () => {
  test('builds with another embedder while writes go on, switches, and keeps the former one up to date', async () => {
    await indexed.startIndexer();
    const before = await indexed.storeMany(220);
    const job = await world.jobs.create({ kind: 'reindex', request: toEndpoint(), issuer: 'test' });
    const during: MemoryState[] = [];
    for (let at = 0; at < 120; at += 1) {
      if (at % 10 === 9) during.push(await world.delete(`m${at - 9}`));
      else during.push(await world.store(at % 3 === 0 ? `m${at}` : `n${at}`, `zebra n${at}`));
      // In the middle and after the switch, query and vectors are of one model.
      if (at % 20 === 0) expect((await nearest('zebra m200'))[0]).toBe('m200');
    }
    const { state, result } = await world.over(job.job_id);
    expect({ state, ...result }).toMatchObject({ state: 'done', ...CLEAN });
    const after = await indexed.storeMany(10, 'later');
    await world.followed('indexer');
    const collection = `memories-m-${DIMENSION}-${job.job_id.slice(0, 8)}`;
    expect(await indexed.states()).toEqual({ [BASE]: 'kept', [collection]: 'active' });
    const last = new Map([...before, ...during, ...after].map((memory) => [memory.key, memory]));
    const live = [...last.values()].filter(({ deleted }) => !deleted);
    expect(await indexed.found('zebra')).toEqual(revisionsOf(live));
    await eventually(async () => expect((await searching.active()).collection).toBe(collection));
    expect((await nearest('zebra m200')).sort()).toEqual(allOf(live));
    expect((await nearest('zebra later7'))[0]).toBe('later7');
    expect((await world.work('verify-index')).result).toMatchObject(CLEAN);
    // The former one has the later memories too, without a batch that was written to it.
    await eventually(async () => expect(await keptHolds(live)).toBe(true));
  }, 120_000);

  async function keptHolds(states: MemoryState[]): Promise<boolean> {
    const held = await indexed.index.revisions(
      BASE,
      'team',
      states.map(({ key }) => key),
    );
    return states.every(({ revision }, at) => held[at]?.revision === revision);
  }

  test('what was written before a rollback is found after it, and the way back is open', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(5);
    expect(await work('reindex', TO_HASH)).toMatchObject({ state: 'done' });
    const reindexed = await indexed.active();
    await world.store('later', 'zebra');
    await world.followed('indexer');
    expect(await work('rollback-reindex')).toMatchObject({
      state: 'done',
      result: {
        active: { collection: BASE, embedder: 'hash', dimension: 32 },
        kept: { collection: reindexed },
      },
    });
    expect(Object.keys(await indexed.found('zebra')).sort()).toEqual(['later', 'm0', 'm1', 'm2', 'm3', 'm4']);
    await world.store('last', 'zebra');
    await world.followed('indexer');
    expect(await work('rollback-reindex')).toMatchObject({ state: 'done' });
    expect(await indexed.active()).toBe(reindexed);
    expect(Object.keys(await indexed.found('zebra'))).toHaveLength(7);
  }, 60_000);

  test('once finished, nothing of the former one is left, and there is nothing to go back to', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(5);
    await work('reindex', TO_HASH);
    // One reindex at a time.
    expect(await work('reindex', toEndpoint())).toMatchObject({
      state: 'failed',
      error: { code: 'invalid_request', detail: expect.stringContaining('--finish') },
    });
    expect(await work('finish-reindex')).toMatchObject({ state: 'done', result: { kept: null } });
    const name = await indexed.active();
    await eventually(async () => {
      expect(await indexed.states()).toEqual({ [name]: 'active' });
      expect((await world.pool.query('select name from index_collections')).rows).toEqual([{ name }]);
    });
    for (const kind of ['rollback-reindex', 'finish-reindex'] as const)
      expect(await work(kind)).toMatchObject({ state: 'failed', error: { code: 'invalid_request' } });
  }, 60_000);

  test('goes on where it was in another process, and embeds nothing twice', async () => {
    const states = await indexed.storeMany(450);
    const held = holdable(indexed.index, BASE);
    const first = await indexed.startIndexer({ index: held.index });
    await world.followed('indexer');
    held.holdAfter(1);
    const { job_id } = await world.jobs.create({ kind: 'reindex', request: TO_HASH, issuer: 'test' });
    await eventually(async () => expect((await world.jobs.get(job_id))?.done).toBeGreaterThan(0));
    const stopped = first.stop();
    held.goOn();
    await stopped;
    const before = held.upserted();
    await world.pool.query('update jobs set leased_until = now()');
    const again = holdable(indexed.index, BASE);
    await indexed.startIndexer({ index: again.index });
    expect(await world.over(job_id)).toMatchObject({ state: 'done', result: { ...CLEAN, checked: 450 } });
    expect(await indexed.found('zebra')).toEqual(revisionsOf(states));
    expect(before + again.upserted()).toBe(450);
  }, 90_000);

  test('an endpoint that goes out while it is built, or kept, holds no memory up', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(20);
    let isOut = false;
    let asked = 0;
    endpoint.reply = () => {
      asked += 1;
      // The first question only asks whether it works.
      return isOut || asked > 1 ? { status: 503 } : 'default';
    };
    const { job_id } = await world.jobs.create({ kind: 'reindex', request: toEndpoint(), issuer: 'test' });
    await eventually(() => {
      expect(asked).toBeGreaterThan(2);
    });
    const meanwhile = await world.store('meanwhile', 'zebra');
    await world.followed('indexer');
    expect(await indexed.found('zebra')).toMatchObject({ meanwhile: meanwhile.revision });
    endpoint.reply = () => (isOut ? { status: 503 } : 'default');
    expect(await world.over(job_id)).toMatchObject({ state: 'done' });
    await work('rollback-reindex');
    isOut = true;
    await world.store('after', 'zebra');
    await world.followed('indexer');
    expect(Object.keys(await indexed.found('zebra'))).toHaveLength(22);
  }, 90_000);

  test('what is deleted leaves the former one too, whether or not its endpoint is out', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(3);
    await work('reindex', toEndpoint());
    const collection = await indexed.active();
    await work('rollback-reindex');
    endpoint.reply = () => ({ status: 503 });
    await world.store('stuck', 'zebra');
    const { key, revision } = await world.delete('m1');
    await world.followed('indexer');
    expect(await indexed.index.revisions(collection, 'team', [key, 'stuck'])).toEqual([
      { revision, deleted: true },
      undefined,
    ]);
  }, 60_000);

  test('goes back from an embedder that is out, which holds up all that is written', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(3);
    await work('reindex', toEndpoint());
    endpoint.reply = () => ({ status: 503 });
    await world.store('stuck', 'zebra');
    expect(await work('rollback-reindex')).toMatchObject({ state: 'done' });
    await world.followed('indexer');
    expect(Object.keys(await indexed.found('zebra')).sort()).toEqual(['m0', 'm1', 'm2', 'stuck']);
  }, 60_000);

  test('leaves nothing behind when it is cancelled', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(20);
    endpoint.reply = ({ input }) => (input.length > 1 ? { status: 503 } : 'default');
    const { job_id } = await world.jobs.create({ kind: 'reindex', request: toEndpoint(), issuer: 'test' });
    await eventually(async () => expect(Object.values(await indexed.states())).toContain('building'));
    await world.jobs.cancel(job_id);
    await eventually(async () => expect(await indexed.states()).toEqual({ [BASE]: 'active' }));
    expect((await world.work('verify-index')).result).toMatchObject(CLEAN);
  }, 60_000);

  test('the former one goes by itself once it was kept long enough', async () => {
    await indexed.startIndexer({ keepMs: 0 });
    await indexed.storeMany(3);
    await work('reindex', TO_HASH);
    const name = await indexed.active();
    await eventually(async () => expect(await indexed.states()).toEqual({ [name]: 'active' }));
  }, 60_000);

  test('compares a sample only when asked to', async () => {
    await indexed.startIndexer();
    await indexed.storeMany(30);
    expect(await work('reindex', { ...TO_HASH, sample: 7, rate: 1_000 })).toMatchObject({
      result: { ...CLEAN, checked: 7 },
    });
    expect(Object.keys(await indexed.found('zebra'))).toHaveLength(30);
  }, 60_000);

  test.each<[string, () => JsonObject, string, string]>([
    ['no other embedder', () => ({ embedder: 'hash', dimension: 32 }), 'invalid_request', 'already'],
    [
      'one of another size than it says',
      () => ({ ...toEndpoint(), dimension: 8 }),
      'embedder_unavailable',
      'work',
    ],
    ['what names none', () => ({ embedder: 7 }), 'invalid_request', 'no embedder'],
  ])(
    'says why it fails: %s',
    async (_, request, code, detail) => {
      await indexed.startIndexer();
      await indexed.storeMany(1);
      expect(await work('reindex', request())).toMatchObject({
        state: 'failed',
        error: { code, detail: expect.stringContaining(detail) },
      });
      expect(await indexed.states()).toEqual({ [BASE]: 'active' });
    },
    60_000,
  );
});
