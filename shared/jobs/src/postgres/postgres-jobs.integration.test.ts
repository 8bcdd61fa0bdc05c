import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import type pg from 'pg';
import { runJobs, type JobHandler, type Jobs } from '../index.js';
import { createPostgresJobs } from './index.js';

let pool: pg.Pool;
let jobs: Jobs;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  jobs = createPostgresJobs({ pool });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

function create(request: Record<string, string> = {}) {
  return jobs.create({ kind: 'erase', request, issuer: 'someone' });
}

describe('leases', () => {
  test('jobs of a kind are leased one at a time, oldest first, another kind beside them', async () => {
    const [first] = [await create(), await create()];
    const other = await jobs.create({ kind: 'verify-index', request: {}, issuer: '' });
    const lease = await jobs.lease(['erase'], 60_000);
    expect(lease?.job).toMatchObject({ job_id: first.job_id, state: 'running', cursor: null });
    expect(await jobs.lease(['erase'], 60_000)).toBeUndefined();
    expect((await jobs.lease(['erase', 'verify-index'], 60_000))?.job.job_id).toBe(other.job_id);
  });

  test('many that ask at once get one lease', async () => {
    await create();
    await create();
    const leases = await Promise.all([1, 2, 3, 4].map(() => jobs.lease(['erase'], 60_000)));
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  test('a lease that ran out is taken by another, and the first can write nothing more', async () => {
    await create();
    const first = await jobs.lease(['erase'], 60_000);
    if (first === undefined) throw new Error('no lease');
    expect(await jobs.save(first, { cursor: { after: 'k' }, done: 1, total: 2 }, -1)).toBe(true);
    const second = await jobs.lease(['erase'], 60_000);
    expect(second?.job).toMatchObject({ cursor: { after: 'k' }, done: 1, total: 2 });
    expect(await jobs.save(first, { cursor: null, done: 0, total: null }, 60_000)).toBe(false);
    expect(await jobs.finish(first, { result: {} })).toBe(false);
    expect(await jobs.get(first.job.job_id)).toMatchObject({ state: 'running', done: 1 });
  });

  test('a cancelled job is written no more, and its place is free', async () => {
    const job = await create();
    const lease = await jobs.lease(['erase'], 60_000);
    if (lease === undefined) throw new Error('no lease');
    expect(await jobs.cancel(job.job_id)).toMatchObject({ state: 'cancelled' });
    expect(await jobs.save(lease, { cursor: null, done: 1, total: null }, 60_000)).toBe(false);
    const next = await create();
    expect((await jobs.lease(['erase'], 60_000))?.job.job_id).toBe(next.job_id);
    expect(await jobs.cancel(job.job_id)).toMatchObject({ state: 'cancelled', done: 0 });
  });
});

describe('runJobs', () => {
  function run(handler: JobHandler) {
    return runJobs({
      name: 'test',
      jobs,
      handlers: { erase: handler },
      logger: createLogger({ service: 'test', level: 'silent', format: 'json' }),
      registry: new Registry(),
      pollMs: 10,
      leaseMs: 200,
    });
  }

  test('does a job to its end and keeps its result', async () => {
    const runner = run(async ({ job, ...work }) => {
      await work.save({ cursor: 1, done: 1, total: 1 });
      return { said: job.request['say'] ?? null };
    });
    await runner.start();
    const { job_id } = await create({ say: 'hello' });
    await eventually(async () => {
      expect(await jobs.get(job_id)).toMatchObject({ state: 'done', result: { said: 'hello' }, done: 1 });
    });
    await runner.stop();
  });

  test('goes on at the cursor after an error that may pass, and fails with any other', async () => {
    const cursors: unknown[] = [];
    const runner = run(async ({ job, ...work }) => {
      cursors.push(job.cursor);
      if (job.cursor === 'second') throw new SomaError('invalid_request', 'no more');
      await work.save({ cursor: job.cursor === null ? 'first' : 'second', done: 1, total: null });
      throw new SomaError('index_unavailable', 'not now');
    });
    await runner.start();
    const { job_id } = await create();
    await eventually(async () => {
      expect(await jobs.get(job_id)).toMatchObject({
        state: 'failed',
        error: { code: 'invalid_request', detail: 'no more' },
      });
    });
    expect(cursors).toEqual([null, 'first', 'second']);
    await runner.stop();
  });

  test('a cancelled job stops at its next step', async () => {
    let steps = 0;
    const runner = run(async (work) => {
      for (;;) {
        steps += 1;
        await work.save({ cursor: steps, done: steps, total: null });
      }
    });
    await runner.start();
    const { job_id } = await create();
    await eventually(() => {
      expect(steps).toBeGreaterThan(0);
    });
    await jobs.cancel(job_id);
    const next = await create();
    await eventually(async () => {
      expect(await jobs.get(next.job_id)).toMatchObject({ state: 'running' });
    });
    expect(await jobs.get(job_id)).toMatchObject({ state: 'cancelled' });
    await runner.stop();
  });
});
