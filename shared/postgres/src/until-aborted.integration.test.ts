import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, eventually } from '@soma/testing';
import { createPool, inTransaction, untilAborted } from './index.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const SLEEPERS = `select count(*)::int as sleepers from pg_stat_activity where query like '%pg_sleep(5%' and state = 'active' and pid <> pg_backend_pid()`;
const sleepers = async () => (await pool.query<{ sleepers: number }>(SLEEPERS)).rows[0]?.sleepers;

test('a statement that nobody waits for any more rejects with the reason, and Postgres ends it', async () => {
  const gone = new AbortController();
  const asking = untilAborted(pool, gone.signal).query('select pg_sleep(50)');
  await eventually(async () => expect(await sleepers()).toBe(1));
  gone.abort(new Error('gone'));
  await expect(asking).rejects.toThrow('gone');
  await eventually(async () => expect(await sleepers()).toBe(0));
});

test('a transaction that nobody waits for ends, and nothing of it stays', async () => {
  await pool.query('create table written (n int)');
  const gone = new AbortController();
  const working = inTransaction(
    pool,
    async (tx) => {
      await tx.query('insert into written values (1)');
      await tx.query('select pg_sleep(51)');
    },
    'begin',
    gone.signal,
  );
  await eventually(async () => expect(await sleepers()).toBe(1));
  gone.abort(new Error('gone'));
  await expect(working).rejects.toThrow('gone');
  await eventually(async () => expect(await sleepers()).toBe(0));
  expect((await pool.query('select from written')).rowCount).toBe(0);
});

test('whoever waits for a connection is let go, and the connection serves the next', async () => {
  const held = await Promise.all([pool.connect(), pool.connect()]);
  const gone = new AbortController();
  const asking = untilAborted(pool, gone.signal).query('select 1');
  gone.abort(new Error('gone'));
  await expect(asking).rejects.toThrow('gone');
  for (const client of held) client.release();
  const answers = await Promise.all(
    [1, 2, 3].map((n) => pool.query<{ n: number }>('select $1::int as n', [n])),
  );
  expect(answers.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3]);
});

test('an abort before it begins asks nothing, one after it has ended changes nothing', async () => {
  await expect(untilAborted(pool, AbortSignal.abort(new Error('gone'))).query('select 1')).rejects.toThrow(
    'gone',
  );
  const gone = new AbortController();
  const connection = untilAborted(pool, gone.signal);
  expect((await connection.query<{ n: number }>('select $1::int as n', [7])).rows).toEqual([{ n: 7 }]);
  gone.abort();
  expect((await pool.query<{ n: number }>('select 1 as n')).rows).toEqual([{ n: 1 }]);
});

test('a failure of the statement comes as it is', async () => {
  const { signal } = new AbortController();
  await expect(untilAborted(pool, signal).query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
});
