import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fingerprintOf } from '@soma/events';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import type pg from 'pg';
import { appendTexts, endsOf, eventually, Reader, record } from '../contract/index.js';
import { silent } from '../contract/silent.js';
import type { EventLog } from '../port.js';
import { proveLog } from '../prove.js';
import { createPostgresLog, removeExpired } from './index.js';

const TOPIC = 'memory.commands';

describe('the event log in a Postgres with faults', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let pool: pg.Pool;
  let log: EventLog;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
    log = createPostgresLog({ pool, url: database.url, logger: silent, partitions: 4 });
    await log.start();
  });
  afterAll(async () => {
    await log.close();
    await pool.end();
    await database.drop();
  });

  async function makeOlder(partition: number, below: number): Promise<void> {
    await pool.query(
      `update log_records set at = at - interval '1 hour' where topic = $1 and partition = $2 and position < $3`,
      [TOPIC, partition, below],
    );
  }

  test('retention removes old records from the front only, and a reader behind them begins at the new start', async () => {
    const of = { topic: TOPIC, partition: 0 } as const;
    await appendTexts(log, of, ['a', 'b', 'c', 'd']);
    const second = await log.read(TOPIC, 0, 1);
    const first = await log.read(TOPIC, 0, 0);
    if (first === undefined || second === undefined) throw new Error('not there');
    await makeOlder(0, 2);
    expect(await removeExpired(pool, TOPIC, 0, 60_000)).toBe(2);
    expect(await removeExpired(pool, TOPIC, 0, 60_000)).toBe(0);
    expect((await log.bounds(TOPIC))[0]).toEqual({ partition: 0, start: 2, end: 4 });
    expect(await log.read(TOPIC, 0, 1)).toBeUndefined();
    expect(await proveLog(log, { ...of, position: 1, fingerprint: fingerprintOf(second) })).toBe('same');
    expect(await proveLog(log, { ...of, position: 0, fingerprint: fingerprintOf(first) })).toBe('truncated');
    const reader = new Reader();
    const consumer = await reader.start(log, [TOPIC]);
    await eventually('what is left', () => reader.texts(0).length === 2);
    expect(reader.positions(0)).toEqual([2, 3]);
    await consumer.stop();
  });

  test('a reader that retention passes is asked again where to begin', async () => {
    const of = { topic: TOPIC, partition: 1 } as const;
    const reader = new Reader();
    reader.answer = ({ records }) => ({ next: 'retry', position: records[0]?.position ?? 0, delayMs: 100 });
    const consumer = await reader.start(log, [TOPIC]);
    await appendTexts(log, of, ['a', 'b']);
    await eventually('the first try', () => reader.texts(1).length > 0);
    const asked = reader.assignments.length;
    await makeOlder(1, 1);
    await removeExpired(pool, TOPIC, 1, 60_000);
    await eventually('the question', () => reader.assignments.length > asked);
    expect(reader.revocations).toEqual([of]);
    await consumer.stop();
  });

  test('a consumer that loses its connection lets go, and takes its partitions again', async () => {
    const ends = await endsOf(log, TOPIC);
    const reader = new Reader();
    reader.begin = ({ partition, committed }) => committed ?? ends.get(partition) ?? 0;
    const consumer = await reader.start(log, [TOPIC]);
    await eventually('all partitions', () => reader.holds().length === 4);
    await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1`, [
      `soma event log ${reader.group}`,
    ]);
    await eventually('the loss', () => reader.revocations.length === 4);
    await eventually('all partitions again', () => reader.assignments.length === 8);
    await appendTexts(log, { topic: TOPIC, partition: 2 }, ['after']);
    await eventually('the record', () => reader.texts(2).length === 1);
    expect(reader.crashes).toEqual([]);
    await consumer.stop();
  });

  test('the partitions of a process that dies go to another, and those of one that only hangs do not', async () => {
    const reader = new Reader();
    const dead = await pool.connect();
    const hold = (await dead.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0];
    await dead.query(
      `insert into log_members (group_name, member_id, topics, heartbeat_at) values ($1, gen_random_uuid(), $2, now())`,
      [reader.group, [TOPIC]],
    );
    await dead.query(
      `select pg_advisory_lock(hashtextextended(format('%s/%s/%s', $1::text, $2::text, 3), 40024))`,
      [reader.group, TOPIC],
    );
    const consumer = await reader.start(log, [TOPIC]);
    await eventually('all but what is held, once the other is unheard of', () => reader.holds().length === 3);
    expect(reader.holds()).toEqual([0, 1, 2]);
    dead.on('error', () => undefined);
    await pool.query('select pg_terminate_backend($1)', [hold?.pid]);
    await eventually('all', () => reader.holds().length === 4);
    dead.release(true);
    await consumer.stop();
  }, 30_000);

  test('a record that Postgres refuses fails alone', async () => {
    await pool.query(
      `alter table log_records add constraint refusing check (convert_from(key, 'utf8') <> 'key of refused')`,
    );
    const results = await log.append([
      record(TOPIC, 3, 'x'),
      record(TOPIC, 3, 'refused'),
      record(TOPIC, 3, 'y'),
    ]);
    expect(results.map((result) => (result.ok ? result.position : result.error.code))).toEqual([
      0,
      'internal',
      1,
    ]);
    await pool.query('alter table log_records drop constraint refusing');
  });

  test('a log of another partition count is refused', async () => {
    const other = createPostgresLog({ pool, url: database.url, logger: silent, partitions: 6 });
    await expect(other.start()).rejects.toMatchObject({ code: 'invalid_configuration' });
    await expect(other.start()).rejects.toThrow('partitions is 4, wanted 6');
    await other.close();
  });

  test('a Postgres that is not there is event_log_unavailable', async () => {
    const url = 'postgres://soma:soma@127.0.0.1:1/none';
    const nowhere = createPool({ url, maxConnections: 1, applicationName: 'test' }, () => undefined);
    const lost = createPostgresLog({ pool: nowhere, url, logger: silent });
    await expect(lost.start()).rejects.toMatchObject({ code: 'event_log_unavailable' });
    await expect(lost.ping(1_000)).rejects.toMatchObject({ code: 'event_log_unavailable' });
    const [result] = await lost.append([record(TOPIC, 0, 'x')]);
    expect(result).toMatchObject({ ok: false, error: { code: 'event_log_unavailable', retryable: true } });
    await lost.close();
    await nowhere.end();
  });
});
