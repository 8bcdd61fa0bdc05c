import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryState } from '@soma/memory';
import type { WrittenWorld } from '@soma/projections/contract';
import { createLogger } from '@soma/service';
import { eventually } from '@soma/testing';
import type { VectorIndex } from '@soma/vector-index';
import { createEmbeddedVectorIndex, startInProcessScanner } from '@soma/vector-index/embedded';
import { BASE, IndexedWorld, revisionsOf } from './test/indexed-world.js';
import { holdable } from './test/holdable-index.js';

const CLEAN = { missing: 0, older: 0, newer: 0, orphaned: 0, wrongly_live: 0, behind: 0, repaired: 0 };

let indexed: IndexedWorld;
let world: WrittenWorld;
let index: VectorIndex;

beforeEach(async () => {
  indexed = await IndexedWorld.open();
  world = indexed.written;
  index = indexed.index;
});
afterEach(() => indexed.close());

const found: IndexedWorld['found'] = (word, namespace) => indexed.found(word, namespace);
const storeMany: IndexedWorld['storeMany'] = (count, name) => indexed.storeMany(count, name);

/** Keeps 20 memories changing. */
async function writeUntil(stop: AbortSignal): Promise<void> {
  for (let at = 0; !stop.aborted; at += 1) {
    if (at % 5 === 4) await world.delete(`m${(at - 1) % 20}`);
    else await world.store(`m${at % 20}`, `zebra ${at}`);
  }
}

const verify = async (request = {}) => (await world.work('verify-index', request)).result;

describe('verify', () => {
  test('finds nothing in an index that followed', async () => {
    await indexed.startIndexer();
    await storeMany(20);
    await world.store('elsewhere', 'zebra', 'other');
    await world.delete('m3');
    await world.followed('indexer');
    expect(await verify()).toEqual({ ...CLEAN, checked: 21, examples: [] });
    expect(await verify({ namespace: 'other' })).toMatchObject({ ...CLEAN, checked: 1 });
    expect(await verify({ sample: 5 })).toMatchObject({ ...CLEAN, checked: 5 });
  });

  test('counts each difference as what it is, and mends all of them', async () => {
    await indexed.startIndexer();
    const states = await storeMany(10);
    const [lost, dead, old, ahead, lives] = states;
    if (!lost || !dead || !old || !ahead || !lives) throw new Error('too few');
    const gone = await world.delete(lives.coord);
    await world.followed('indexer');
    const sql = (text: string, ...values: unknown[]) => world.pool.query(text, values);
    const point = `update index_points set change = change where namespace = 'team' and key = $1`;
    const set = (what: string) => point.replace('change = change', what);
    await index.remove(BASE, [{ namespace: 'team', key: lost.key, revision: lost.revision }]);
    await sql(set('deleted = true'), dead.key);
    await sql(set('revision = revision - 1'), old.key);
    await sql(set('revision = revision + 1'), ahead.key);
    await sql(set('deleted = false'), lives.key);
    await sql(`insert into index_points select collection, namespace, 'orphan', partition, 1, 0, false, null, dense,
      sparse_indices, sparse_values, fields from index_points where key = 'm9'`);

    const counts = { missing: 2, older: 1, newer: 1, orphaned: 1, wrongly_live: 1, behind: 0 };
    const result = await verify();
    expect(result).toMatchObject({ ...counts, checked: 10, repaired: 0 });
    expect(result?.['examples']).toEqual(
      expect.arrayContaining([
        of('missing', lost.coord, lost.revision, null),
        of('missing', dead.coord, dead.revision, dead.revision),
        of('older', old.coord, old.revision, old.revision - 1),
        of('newer', ahead.coord, ahead.revision, ahead.revision + 1),
        of('wrongly_live', gone.coord, gone.revision, gone.revision),
        of('orphaned', 'orphan', null, 1),
      ]),
    );
    expect(await verify({ repair: true })).toMatchObject({ ...counts, repaired: 6 });
    expect(await verify()).toEqual({ ...CLEAN, checked: 10, examples: [] });
    expect(await found('zebra')).toEqual(revisionsOf(states.filter(({ key }) => key !== gone.key)));
  }, 90_000);

  test('raises no false alarm while memories change', async () => {
    await indexed.startIndexer();
    await storeMany(20);
    const stop = new AbortController();
    const writes = writeUntil(stop.signal);
    try {
      for (let run = 0; run < 3; run += 1) expect(await verify()).toMatchObject(CLEAN);
    } finally {
      stop.abort();
      await writes;
    }
  }, 60_000);

  test('says of what cannot be a request why it failed', async () => {
    await indexed.startIndexer();
    const job = await world.work('verify-index', { sample: 'many' });
    expect(job).toMatchObject({ state: 'failed', error: { code: 'invalid_request' } });
  });
});

function of(kind: string, coord: string, expected_revision: number | null, found_revision: number | null) {
  return { namespace: 'team', coord, kind, expected_revision, found_revision };
}

describe('rebuild', () => {
  test('makes a new collection while writes go on; every memory is found, nothing of the old one is left', async () => {
    await indexed.startIndexer();
    const before = await storeMany(250);
    await world.pool.query("update index_points set fields = '{}', revision = revision + 1 where key = 'm7'");
    const job = await world.jobs.create({ kind: 'rebuild-index', request: {}, issuer: 'test' });
    const during: MemoryState[] = [];
    for (let at = 0; at < 300; at += 1) {
      if (at % 10 === 9) during.push(await world.delete(`m${(at - 9) % 250}`));
      else during.push(await world.store(at % 5 === 0 ? `m${at % 250}` : `n${at}`, `zebra ${at}`));
      // Searches meanwhile lose nothing that was there.
      if (at % 50 === 0) expect(Object.keys(await found('zebra')).length).toBeGreaterThan(200);
    }
    const { state, result, done, total } = await world.over(job.job_id);
    expect({ state, error: null, ...result }).toMatchObject({ state: 'done', ...CLEAN });
    expect(done).toBeLessThanOrEqual(total ?? 0);
    await world.followed('indexer');
    const name = `${BASE}-${job.job_id.slice(0, 8)}`;
    await eventually(async () => expect(await indexed.states()).toEqual({ [name]: 'active' }));
    const { rows } = await world.pool.query('select name from index_collections');
    expect(rows).toEqual([{ name }]);
    expect(await verify()).toMatchObject(CLEAN);
    const last = new Map([...before, ...during].map((memory) => [memory.key, memory]));
    expect(await found('zebra')).toEqual(revisionsOf([...last.values()].filter(({ deleted }) => !deleted)));
    // And again, from the collection that it made.
    expect(await world.work('rebuild-index')).toMatchObject({ state: 'done', result: CLEAN });
    await world.store('later', 'zebra');
    await world.followed('indexer');
    expect(await found('zebra')).toHaveProperty('later');
  }, 120_000);

  test('goes on where it was in another process', async () => {
    const states = await storeMany(450);
    const held = holdable(index, BASE);
    const first = await indexed.startIndexer({ index: held.index });
    await world.followed('indexer');
    held.holdAfter(1);
    const { job_id } = await world.jobs.create({ kind: 'rebuild-index', request: {}, issuer: 'test' });
    await eventually(async () => expect((await world.jobs.get(job_id))?.done).toBeGreaterThan(0));
    const stopped = first.stop();
    held.goOn();
    await stopped;
    await world.pool.query('update jobs set leased_until = now()');
    const again = holdable(index, BASE);
    await indexed.startIndexer({ index: again.index });
    expect(await world.over(job_id)).toMatchObject({ state: 'done', result: { ...CLEAN, checked: 450 } });
    expect(await found('zebra')).toEqual(revisionsOf(states));
    // What the first one had written was not embedded again.
    expect(again.upserted()).toBeLessThan(450);
  }, 90_000);

  test('leaves nothing behind when it is cancelled', async () => {
    await storeMany(450);
    const held = holdable(index, BASE);
    await indexed.startIndexer({ index: held.index });
    await world.followed('indexer');
    held.holdAfter(1);
    const { job_id } = await world.jobs.create({ kind: 'rebuild-index', request: {}, issuer: 'test' });
    await eventually(async () => expect((await world.jobs.get(job_id))?.done).toBeGreaterThan(0));
    await world.jobs.cancel(job_id);
    held.goOn();
    await eventually(async () => {
      expect(await indexed.states()).toEqual({ [BASE]: 'active' });
      expect((await world.pool.query('select name from index_collections')).rows).toEqual([{ name: BASE }]);
    });
    expect(await verify()).toMatchObject(CLEAN);
  }, 60_000);
});

describe('a collection that changes under the indexer', () => {
  async function mended(states: MemoryState[]): Promise<void> {
    await eventually(async () => expect(await found('zebra')).toEqual(revisionsOf(states)));
    await world.followed('indexer');
    expect(await verify()).toMatchObject(CLEAN);
  }

  test.each([
    ['emptied', 'delete from index_points'],
    ['truncated', 'truncate index_points'],
    ['dropped', 'delete from index_collections'],
  ])('%s, it is filled again from the memories', async (_, statement) => {
    await indexed.startIndexer();
    const states = await storeMany(30);
    await world.followed('indexer');
    await world.pool.query(statement);
    await mended(states);
  });

  test('emptied while writes go on, nothing is missing in the end', async () => {
    await indexed.startIndexer();
    const states = await storeMany(30);
    await world.followed('indexer');
    const writes = storeMany(60, 'n');
    await world.pool.query('delete from index_points');
    await mended([...states, ...(await writes)]);
  });

  test('put back to what it was, it gets what it lacks', async () => {
    await indexed.startIndexer();
    const first = await storeMany(10);
    await world.followed('indexer');
    const tables = ['index_points', 'index_progress'];
    for (const table of tables)
      await world.pool.query(`create table kept_${table} as select * from ${table}`);
    const second = await storeMany(10, 'n');
    await world.followed('indexer');
    await world.pool.query(`
      truncate index_points, index_progress;
      insert into index_points select * from kept_index_points;
      insert into index_progress select * from kept_index_progress;
      update index_collections set incarnation = gen_random_uuid()`);
    expect(Object.keys(await found('zebra'))).toHaveLength(10);
    await mended([...first, ...second]);
  });
});

describe('an index that is full', () => {
  const withRoomFor = (maxPoints: number) =>
    createEmbeddedVectorIndex({ pool: world.pool, startScanner: startInProcessScanner, maxPoints });

  test('takes no more and says so, loses nothing, and goes on once it may hold more', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const small = withRoomFor(5);
    const first = await indexed.startIndexer({
      index: small,
      logger: createLogger({ service: 'indexer', level: 'debug', format: 'json', destination }),
    });
    const before = await storeMany(5, 'before');
    await world.followed('indexer');
    const late = await storeMany(7, 'late');
    await eventually(() => expect(lines.join('')).toContain('is full at 5 points'));
    expect(await found('zebra')).toEqual(revisionsOf(before));
    expect(await world.ledger.countDeadLetters()).toEqual([]);
    await first.stop();
    await small.close();

    const larger = withRoomFor(100);
    await indexed.startIndexer({ index: larger });
    await world.followed('indexer');
    expect(await found('zebra')).toEqual(revisionsOf([...before, ...late]));
    expect(await world.ledger.countDeadLetters()).toEqual([]);
    await larger.close();
  });
});
