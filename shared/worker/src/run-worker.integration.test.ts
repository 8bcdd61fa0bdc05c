import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { EventLog, LogRecord } from '@soma/event-log';
import { createPostgresLog } from '@soma/event-log/postgres';
import { TOPICS } from '@soma/events';
import type { Ledger, ProgressMove } from '@soma/ledger';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { SomaError } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createLogger, type Service } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { APPLY, runWorker, type Handler, type WorkerTiming } from './index.js';

interface Told {
  say: string;
}

const TOPIC = TOPICS.memoryCommands;
const PARTITIONS = 2;
const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
let log: EventLog;
let ledger: Ledger;
let workers: Service[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 8, applicationName: 'test' }, () => undefined);
  ledger = createPostgresLedger({ pool });
});
beforeEach(async () => {
  log = createPostgresLog({ pool, url: database.url, logger, partitions: PARTITIONS });
  await log.start();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await log.close();
  await pool.query('truncate log_records, log_partitions, log_group_offsets, progress, dead_letters');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A handler whose effect is a list and the ledger's progress. */
function listener(
  act: (told: Told, record: LogRecord) => void = () => undefined,
): Handler<Told> & { applied: string[]; batches: string[][] } {
  const applied: string[] = [];
  const batches: string[][] = [];
  return {
    applied,
    batches,
    triage: () => APPLY,
    apply: async ({
      records,
      move,
    }: {
      records: { record: LogRecord; value: Told }[];
      move: ProgressMove;
    }) => {
      batches.push(records.map(({ value }) => value.say));
      for (const { value, record } of records) act(value, record);
      await ledger.advance(move);
      applied.push(...records.map(({ value }) => value.say));
    },
  };
}

/** Keeps the handler's next batch from its effect: `begun` when it has come, until `release`. */
function holdBack(handler: Handler<Told>): { begun: Promise<void>; release: () => void } {
  let go = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    go = resolve;
  });
  const apply = handler.apply.bind(handler);
  const begun = new Promise<void>((resolve) => {
    handler.apply = async (batch) => {
      resolve();
      await released;
      await apply(batch);
    };
  });
  return { begun, release: go };
}

async function startWorker(handler: Handler<Told>, timing: Partial<WorkerTiming> = {}): Promise<Service> {
  const worker = runWorker<Told>({
    name: 'listener',
    handlers: { [TOPIC]: handler },
    log,
    ledger,
    decode: (record) => {
      try {
        return Promise.resolve(JSON.parse(record.value?.toString() ?? '') as Told);
      } catch (cause) {
        return Promise.reject(new SomaError('undecodable_record', 'not JSON', { cause }));
      }
    },
    logger,
    registry: new Registry(),
    onCrash: (error) => {
      throw error;
    },
    timing: {
      backoff: { minMs: 5, maxMs: 20 },
      unlistedRetryMs: 100,
      proofIntervalMs: 50,
      reassignMs: 50,
      ...timing,
    },
  });
  workers.push(worker);
  await worker.start();
  return worker;
}

async function say(partition: number, ...texts: string[]): Promise<void> {
  const records = texts.map((text) => ({
    topic: TOPIC,
    key: 'k',
    partition,
    value: Buffer.from(text),
    headers: { 'command-id': text },
  }));
  const results = await log.append(records);
  expect(results.every((result) => result.ok)).toBe(true);
}

const words = (...texts: string[]) => texts.map((text) => JSON.stringify({ say: text }));
const deadLetters = async () =>
  (
    await pool.query<{ value: Buffer; code: string; published: boolean }>(
      'select value, code, published from dead_letters order by position',
    )
  ).rows;

test('records are applied in order, and a restart goes on after the last one', async () => {
  const first = listener();
  await say(0, ...words('a', 'b', 'c'));
  const worker = await startWorker(first);
  await eventually(() => expect(first.applied).toEqual(['a', 'b', 'c']));
  await worker.stop();
  workers = [];

  const second = listener();
  await say(0, ...words('d'));
  await startWorker(second);
  await eventually(() => expect(second.applied).toEqual(['d']));
});

test('an error that may pass holds up its own partition only, and nothing is dead-lettered', async () => {
  let outage = true;
  const handler = listener((told) => {
    if (told.say === 'stuck' && outage) throw new SomaError('store_unavailable', 'out');
  });
  await say(0, ...words('stuck', 'behind'));
  await say(1, ...words('elsewhere'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['elsewhere']));
  await say(1, ...words('more'));
  await eventually(() => expect(handler.applied).toEqual(['elsewhere', 'more']));
  outage = false;
  await eventually(() => expect(handler.applied).toEqual(['elsewhere', 'more', 'stuck', 'behind']));
  expect(await deadLetters()).toEqual([]);
});

test('a record that no retry can mend is alone in the dead letters, with its bytes, in Postgres and in memory.dlq', async () => {
  const handler = listener((told) => {
    if (told.say === 'bad') throw new SomaError('invalid_request', 'no');
  });
  await say(0, ...words('a', 'b', 'bad', 'c', 'd'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['a', 'b', 'c', 'd']));
  await eventually(async () =>
    expect(await deadLetters()).toEqual([
      { value: Buffer.from('{"say":"bad"}'), code: 'invalid_request', published: true },
    ]),
  );
  const ends = await log.bounds(TOPICS.deadLetters);
  expect(ends.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(1);
});

test('undecodable bytes block nothing', async () => {
  const handler = listener();
  await say(0, ...words('a'), 'garbage', ...words('b'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['a', 'b']));
  expect((await deadLetters()).map(({ code }) => code)).toEqual(['undecodable_record']);
});

test('an unlisted error is tried alone for its time before it is dead-lettered', async () => {
  let attempts = 0;
  const handler = listener((told) => {
    if (told.say !== 'bug') return;
    attempts += 1;
    throw new TypeError('x is not a function');
  });
  await say(0, ...words('a', 'bug', 'b'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['a', 'b']));
  expect(attempts).toBeGreaterThan(2);
  expect((await deadLetters()).map(({ code }) => code)).toEqual(['internal']);
});

test('too many unlisted errors in a row stop the partition instead of draining it into the dead letters', async () => {
  const handler = listener(() => {
    throw new TypeError('a bad deploy');
  });
  await say(0, ...words('a', 'b', 'c', 'd', 'e', 'f'));
  const worker = await startWorker(handler, { unlistedRetryMs: 0, haltAfter: 3 });
  await eventually(async () => expect(await worker.readiness()).toMatchObject({ partitions: false }));
  expect(await deadLetters()).toHaveLength(3);
  expect(handler.applied).toEqual([]);
});

test('a redirected record is produced again under its key, with its headers, before progress moves over it', async () => {
  const handler = listener();
  handler.triage = ({ record }) => (record.key === 'k' ? { outcome: 'redirect', key: 'right' } : APPLY);
  const seen: LogRecord[] = [];
  const apply = handler.apply.bind(handler);
  handler.apply = async (batch) => {
    seen.push(...batch.records.map(({ record }) => record));
    await apply(batch);
  };
  await say(0, ...words('detour'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['detour']));
  expect(seen.map(({ key, headers }) => ({ key, id: headers['command-id'] }))).toEqual([
    { key: 'right', id: '{"say":"detour"}' },
  ]);
});

test('a worker whose claim was taken changes nothing until the partition is its own again', async () => {
  const handler = listener();
  const { begun, release } = holdBack(handler);
  await say(0, ...words('a'));
  await startWorker(handler);
  await begun;
  const taken = await ledger.claim('listener', TOPIC, 0);
  release();
  await eventually(() => expect(handler.applied).toEqual(['a']));
  // The attempt under the old claim failed; the one that counts is of a newer claim than the taker's.
  expect(handler.batches).toEqual([['a'], ['a']]);
  const { rows } = await pool.query<{ epoch: number; position: number }>(
    "select epoch, position from progress where group_name = 'listener' and partition = 0",
  );
  expect(rows).toEqual([{ epoch: taken.epoch + 1, position: 0 }]);
});

test('a store that was put back gets again what it had lost', async () => {
  const handler = listener();
  await say(0, ...words('a'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['a']));
  const { rows: backup } = await pool.query<object>('select row_to_json(progress) as row from progress');
  await say(0, ...words('b', 'c'));
  await eventually(() => expect(handler.applied).toEqual(['a', 'b', 'c']));
  await pool.query('begin; truncate progress; end');
  for (const { row } of backup as { row: object }[])
    await pool.query('insert into progress select * from json_populate_record(null::progress, $1)', [row]);
  await say(0, ...words('d'));
  await eventually(() => expect(handler.applied).toEqual(['a', 'b', 'c', 'b', 'c', 'd']));
});

test('a store that was put back is noticed by a partition that nothing new comes to', async () => {
  const handler = listener();
  await say(0, ...words('a'));
  await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['a']));
  await say(0, ...words('b'));
  await eventually(() => expect(handler.applied).toEqual(['a', 'b']));
  await pool.query('update progress set position = 0, fingerprint = null where partition = 0');
  await eventually(() => expect(handler.applied).toEqual(['a', 'b', 'b']));
});

test('a projection that no longer stands has its partition assigned anew', async () => {
  let stands = true;
  const handler = listener();
  const assigned: number[] = [];
  handler.assigned = ({ partition }) => {
    assigned.push(partition);
    stands = true;
    return Promise.resolve();
  };
  handler.stands = ({ partition }) => Promise.resolve(stands || partition !== 1);
  await startWorker(handler);
  await eventually(() => expect([...assigned].sort()).toEqual([0, 1]));
  stands = false;
  await eventually(() => expect(assigned).toHaveLength(3));
  expect(assigned[2]).toBe(1);
  await say(1, ...words('a'));
  await eventually(() => expect(handler.applied).toEqual(['a']));
});

test('a log that was made anew under the worker stops the partition instead of being skipped into', async () => {
  const handler = listener();
  await say(0, ...words('a', 'b'));
  const worker = await startWorker(handler);
  await eventually(() => expect(handler.applied).toEqual(['a', 'b']));
  await pool.query('truncate log_records');
  await pool.query('update log_partitions set next_position = 0, start_position = 0');
  await say(0, ...words('x'));
  await eventually(async () => expect(await worker.readiness()).toMatchObject({ partitions: false }));
  await say(0, ...words('y', 'z'));
  await say(1, ...words('elsewhere'));
  await eventually(() => expect(handler.applied).toContain('elsewhere'));
  expect(handler.applied).toEqual(['a', 'b', 'elsewhere']);

  // What `soma log accept` does: the worker begins at the new log's start, without a restart.
  handler.applied.length = 0;
  await pool.query('update installation set log_generation = log_generation + 1');
  await eventually(() => expect([...handler.applied].sort()).toEqual(['elsewhere', 'x', 'y', 'z']));
  await eventually(async () => expect(await worker.readiness()).toMatchObject({ partitions: true }));
});

test('stopping lets the running batch make its effect', async () => {
  const handler = listener();
  const { begun, release } = holdBack(handler);
  await say(0, ...words('a'));
  const worker = await startWorker(handler);
  await begun;
  const stopped = worker.stop();
  release();
  await stopped;
  workers = [];
  expect(handler.applied).toEqual(['a']);
});
