import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import type pg from 'pg';
import { runJobs, type JobHandler, type Jobs, type RequestedJob } from '../index.js';
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

describe("a caller's request", () => {
  const requested = (changes: Partial<RequestedJob> = {}): RequestedJob => ({
    job_id: randomUUID(),
    kind: 'delete',
    namespace: 'team',
    request: {},
    request_hash: 'h',
    issuer: 'a caller',
    max_open: 2,
    ...changes,
  });

  test('makes one job, however often it comes', async () => {
    const asked = requested();
    const first = await jobs.request(asked);
    expect(first).toMatchObject({
      created: true,
      job: { namespace: 'team', request_hash: 'h', kind: 'delete' },
    });
    const again = await jobs.request({ ...asked, request_hash: 'other' });
    expect(again).toEqual({ created: false, job: first?.job });
    expect(await jobs.list(10)).toHaveLength(1);
  });

  test('makes none beyond what may be open of its namespace', async () => {
    const first = requested();
    await jobs.request(first);
    await jobs.request(requested());
    expect(await jobs.request(requested())).toBeUndefined();
    expect(await jobs.request(first)).toMatchObject({ created: false });
    expect(await jobs.request(requested({ namespace: 'other' }))).toMatchObject({ created: true });
    await jobs.cancel(first.job_id);
    expect(await jobs.request(requested())).toMatchObject({ created: true });
  });

  test('is forgotten by a time of its own', async () => {
    const asked = requested();
    await jobs.request(asked);
    const other = await create();
    await Promise.all([jobs.cancel(asked.job_id), jobs.cancel(other.job_id)]);
    const [past, future] = [Date.now() - 60_000, Date.now() + 60_000];
    expect(await jobs.removeFinished({ jobs: past, requests: past })).toBe(0);
    expect(await jobs.removeFinished({ jobs: past, requests: future })).toBe(1);
    expect(await jobs.get(other.job_id)).toBeDefined();
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
