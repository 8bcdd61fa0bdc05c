import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase, eventually } from '@soma/testing';
import { axis, deletedPoint, DIMENSION, livePoint, query } from '../contract/fixtures.js';
import {
  createEmbeddedVectorIndex,
  startInProcessScanner,
  startWorkerScanner,
  type LoadProgress,
  type Scanner,
} from './index.js';

const workerUrl = new URL('../../dist/embedded/scan-worker.js', import.meta.url);
const startWorker = () => startWorkerScanner({ maxPending: 4, maxHeapMb: 256, workerUrl });
const spec = { name: 'c', model: 'm', dimension: DIMENSION };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('delete from index_collections');
});

describe('the worker thread', () => {
  test('when it dies, searches fail once and then go on with a new one', async () => {
    const scanners: Scanner[] = [];
    const startScanner = () => {
      const scanner = startWorker();
      scanners.push(scanner);
      return scanner;
    };
    const index = createEmbeddedVectorIndex({ pool, startScanner });
    await index.ensureCollection(spec);
    await index.upsert('c', [livePoint('k')]);
    expect((await index.search('c', query())).dense).toHaveLength(1);
    await scanners[0]?.close();
    await eventually(() => expect(scanners[0]?.isBroken()).toBe(true));
    expect((await index.search('c', query())).dense).toHaveLength(1);
    expect(scanners).toHaveLength(2);
    await index.close();
  });

  test('refuses what would wait behind too much', async () => {
    const scanner = startWorker();
    await scanner.run({ type: 'reset', collection: 'c', dimension: DIMENSION });
    const search = () => scanner.run({ type: 'search', collection: 'c', query: query() });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, search));
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array<string>(4).fill('fulfilled'),
      'rejected',
      'rejected',
    ]);
    expect(outcomes[5]).toMatchObject({ reason: { code: 'overloaded' } });
    await scanner.close();
  });

  test('lets a search go that nobody waits for by the time that it would begin', async () => {
    const scanner = startWorker();
    await scanner.run({ type: 'reset', collection: 'c', dimension: DIMENSION });
    const gone = new AbortController();
    const search = (signal?: AbortSignal) =>
      scanner.run({ type: 'search', collection: 'c', query: query() }, signal);
    const outcomes = Promise.allSettled([search(), search(), search(gone.signal), search()]);
    gone.abort(new Error('gone'));
    expect((await outcomes).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(scanner.waiting()).toBe(0);
    await scanner.close();
  });
});

describe('the embedded index', () => {
  test('loads what is there at start and says how far it is', async () => {
    const writer = createEmbeddedVectorIndex({ pool, startScanner: startInProcessScanner });
    await writer.ensureCollection(spec);
    await writer.upsert(
      'c',
      Array.from({ length: 2_300 }, (_, at) => livePoint(`k${at}`)),
    );
    await writer.close();
    const seen: LoadProgress[] = [];
    const reader = createEmbeddedVectorIndex({
      pool,
      startScanner: startInProcessScanner,
      onProgress: (progress) => seen.push(progress),
    });
    await reader.start();
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual({ collection: 'c', applied: 2_300, total: 2_300 });
    expect(await reader.count('c')).toBe(2_300);
    await reader.close();
  });

  test('full, it refuses more points with a word about Qdrant, but no deletion', async () => {
    const index = createEmbeddedVectorIndex({ pool, startScanner: startInProcessScanner, maxPoints: 2 });
    await index.ensureCollection(spec);
    await index.upsert('c', [livePoint('a'), livePoint('b')]);
    expect(await index.count('c')).toBe(2);
    const full = { code: 'index_unavailable', message: expect.stringContaining('Qdrant') };
    await expect(index.upsert('c', [livePoint('c')])).rejects.toMatchObject(full);
    await index.upsert('c', [deletedPoint('a', 2)]);
    expect(await index.count('c')).toBe(1);
    await index.upsert('c', [livePoint('c')]);
    await index.close();
  });

  test('a collection made anew under the same name is read anew', async () => {
    const index = createEmbeddedVectorIndex({ pool, startScanner: startInProcessScanner });
    await index.ensureCollection(spec);
    await index.upsert('c', [livePoint('old'), livePoint('old2')]);
    expect(await index.count('c')).toBe(2);
    await pool.query('delete from index_collections');
    await index.ensureCollection(spec);
    await index.upsert('c', [livePoint('new'), livePoint('new2'), livePoint('new3', { dense: axis(1) })]);
    expect((await index.search('c', query())).sparse.map(({ key }) => key)).toEqual(['new', 'new2', 'new3']);
    await index.close();
  });

  test('closed, it says so', async () => {
    const index = createEmbeddedVectorIndex({ pool, startScanner: startInProcessScanner });
    await index.ensureCollection(spec);
    await index.close();
    await expect(index.search('c', query())).rejects.toMatchObject({ code: 'shutting_down' });
  });

  test('while its store does not answer it is unavailable', async () => {
    const impatient = createPool(
      { url: database.url, maxConnections: 1, applicationName: 'test', statementTimeoutMs: 50 },
      () => undefined,
    );
    const index = createEmbeddedVectorIndex({ pool: impatient, startScanner: startInProcessScanner });
    await index.ensureCollection(spec);
    const locker = await pool.connect();
    await locker.query('begin');
    await locker.query('lock table index_collections in access exclusive mode');
    const unavailable = { code: 'index_unavailable', retryable: true };
    await expect(index.search('c', query())).rejects.toMatchObject(unavailable);
    await expect(index.upsert('c', [livePoint('k')])).rejects.toMatchObject(unavailable);
    await locker.query('rollback');
    locker.release();
    await expect(index.search('c', query())).resolves.toMatchObject({ dense: [], sparse: [] });
    await index.close();
    await impatient.end();
  });
});
