import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@soma/postgres/embedded';
import { freePort } from '@soma/testing';
import { spawn, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT } from '../../system/service-process.js';
import { until } from '../../system/until.js';
import type { Point } from './fault-orders.js';
import { armPoint, FAULT_POINTS, shiftClockOf, type Preloaded } from './fault-remote.js';

/**
 * A program with the preload before it (built: run `npm run build` after changing it). Told to, it works as a worker
 * does: a poll of progress in a transaction of its own, then a batch.
 */
const PROGRAM = `
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.URL });
  const values = ['writer', 'memory.commands'];
  async function batch() {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select 1');
    await client.query('commit');
    await client.query('begin');
    await client.query({ name: 'lock_progress', text: 'select $1::text, $2::text', values });
    await client.query('insert into effects values (1)');
    await client.query({ name: 'move_progress', text: 'select $1::text || $2::text', values });
    await client.query('commit');
    client.release();
    process.send({ batch: 'done' });
  }
  process.channel.ref();
  process.on('message', (message) => {
    if (message.do === 'batch') void batch();
    if (message.do === 'date') process.send({ now: Date.now(), made: new Date().getTime(), fixed: new Date(5).getTime() });
  });
`;

let folder: string;
let postgres: EmbeddedPostgres;
let child: ChildProcess;
let program: Preloaded;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-points-'));
  // As root, Postgres runs under a user of its own, which has to reach the folder.
  await chmod(folder, 0o755);
  postgres = await startEmbeddedPostgres({ folder, port: await freePort(), settings: { fsync: 'off' } });
}, 60_000);
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await sql('drop table if exists effects');
  await sql('create table effects (one integer)');
  child = spawn(process.execPath, ['--import', FAULT_POINTS, '--input-type=module', '-e', PROGRAM], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '', URL: postgres.url },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  program = {
    name: 'program',
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    tell: (message: Serializable) => void child.send(message),
    onMessage: (listener) => {
      child.on('message', listener);
      return () => child.off('message', listener);
    },
    exit: async () => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
});
afterEach(() => {
  child.kill('SIGKILL');
});

async function sql(text: string): Promise<number> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(text)).rows.length;
  } finally {
    await client.end();
  }
}

async function answerTo(message: Serializable): Promise<unknown> {
  const answer = once(child, 'message');
  program.tell(message);
  return ((await answer) as [unknown])[0];
}

describe('a process with the preload', () => {
  test.each<[Point, number]>([
    ['before-transaction', 0],
    ['in-transaction', 0],
    ['after-transaction', 1],
  ])('killed %s leaves %i effects', async (point, effects) => {
    const armed = await armPoint(program, { point, group: 'writer', how: 'SIGKILL' });
    program.tell({ do: 'batch' });
    expect(await armed.hit(30_000)).toBe(true);
    expect(child.signalCode).toBe('SIGKILL');
    expect(await sql('select one from effects')).toBe(effects);
  });

  test('halts at the point and goes on when told', async () => {
    const armed = await armPoint(program, { point: 'after-transaction', group: 'writer', how: 'SIGSTOP' });
    let done = false;
    program.onMessage((message) => (done ||= (message as { batch?: string }).batch === 'done'));
    program.tell({ do: 'batch' });
    await armed.hit(30_000);
    expect(await sql('select one from effects')).toBe(1);
    expect(done).toBe(false);
    child.kill('SIGCONT');
    await until('the batch to be done', 30_000, () => done);
  });

  test('lets pass what is not meant, and as many as it is told', async () => {
    await armPoint(program, { point: 'after-transaction', group: 'graph', how: 'SIGKILL' });
    expect(await answerTo({ do: 'batch' })).toEqual({ batch: 'done' });
    const armed = await armPoint(program, {
      point: 'after-transaction',
      group: 'writer',
      how: 'SIGKILL',
      skip: 1,
    });
    expect(await answerTo({ do: 'batch' })).toEqual({ batch: 'done' });
    expect(armed.isHit()).toBe(false);
    program.tell({ do: 'batch' });
    await armed.hit(30_000);
    expect(await sql('select one from effects')).toBe(3);
  });

  test('has its clock shifted and put right, and no moment that is named', async () => {
    const hour = 3_600_000;
    await shiftClockOf(program, hour);
    const shifted = (await answerTo({ do: 'date' })) as Record<string, number>;
    expect(shifted['now']).toBeGreaterThan(Date.now() + hour / 2);
    expect(shifted['made']).toBeGreaterThan(Date.now() + hour / 2);
    expect(shifted['fixed']).toBe(5);
    await shiftClockOf(program, 0);
    const right = (await answerTo({ do: 'date' })) as Record<string, number>;
    expect(right['now']).toBeLessThan(Date.now() + hour / 2);
  });
});
