import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPostgresAuditLog, createPostgresTokens } from '@soma/access/postgres';
import { createInProcessCache, createInProcessOutcomes } from '@soma/cache/in-process';
import type { AppendResult, EventLog, LogRecord, NewRecord } from '@soma/event-log';
import { createPostgresLog } from '@soma/event-log/postgres';
import { createCodec, partitionOf, TOPICS, type CodecValue } from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import { createPostgresJobs } from '@soma/jobs/postgres';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { DEFAULT_ATTRIBUTES, NO_CONDITIONS, SomaError, type Operation, type StoreMemory } from '@soma/memory';
import {
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresQuotas,
  createPostgresRetention,
  createPostgresRetentionPolicies,
} from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import { createLogger, type Service } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { createWriter } from './index.js';

const PARTITIONS = 3;
const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
const codec = createCodec({ ids: createCommittedIds() });
const outcomes = createInProcessOutcomes();

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
let log: EventLog;
let running: Service[] = [];
let commands = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 10, applicationName: 'test' }, () => undefined);
});
beforeEach(async () => {
  log = createPostgresLog({ pool, url: database.url, logger, partitions: PARTITIONS });
  await log.start();
});
afterEach(async () => {
  await Promise.all(running.map((service) => service.stop()));
  running = [];
  await log.close();
  await pool.query(
    'truncate log_records, log_partitions, log_group_offsets, progress, dead_letters, memories, history, operations',
  );
});
afterAll(async () => {
  await outcomes.close();
  await pool.end();
  await database.drop();
});

async function startWriter(through: EventLog = log): Promise<Service> {
  const writer = createWriter({
    log: through,
    ledger: createPostgresLedger({ pool }),
    codec,
    memories: createPostgresMemoryStore({ pool }),
    erasing: createPostgresErasing({ pool }),
    retention: createPostgresRetention({ pool }),
    quotas: createPostgresQuotas({ pool }),
    tokens: createPostgresTokens({ pool }),
    audit: createPostgresAuditLog({ pool }),
    policies: createPostgresRetentionPolicies({ pool }),
    jobs: createPostgresJobs({ pool }),
    outcomes,
    cache: createInProcessCache(),
    logger,
    registry: new Registry(),
    onCrash: (error) => {
      throw error;
    },
    timing: { backoff: { minMs: 5, maxMs: 20 } },
  });
  running.push(writer);
  await writer.start();
  return writer;
}

function put(coord: string, payload: StoreMemory['payload'] = {}): StoreMemory {
  commands += 1;
  return {
    type: 'StoreMemory',
    command_id: `00000000-0000-7000-8000-${String(commands).padStart(12, '0')}`,
    namespace: 'default',
    request_hash: null,
    issued_at: 0,
    issuer: 'test',
    bound_to_user: null,
    conditions: NO_CONDITIONS,
    coord,
    ...DEFAULT_ATTRIBUTES,
    payload,
    text: null,
    ttl_seconds: null,
    expires_at: null,
  };
}

async function send(command: StoreMemory, changes: Partial<NewRecord> = {}): Promise<void> {
  const record = await codec.encodeCommand(command);
  const [result] = await log.append([
    { ...record, ...changes, headers: { ...record.headers, ...changes.headers } },
  ]);
  expect(result?.ok).toBe(true);
}

async function readAll(topic: LogRecord['topic']): Promise<CodecValue[]> {
  const values: CodecValue[] = [];
  for (const { partition, start, end } of await log.bounds(topic)) {
    for (let position = start; position < end; position += 1) {
      const record = await log.read(topic, partition, position);
      if (record !== undefined) values.push(await codec.decode(record));
    }
  }
  return values;
}

const storedEvents = async () =>
  (await readAll(TOPICS.memoryEvents)).flatMap((event) =>
    event.type === 'MemoryStored'
      ? [{ key: event.memory.key, version: event.memory.version, id: event.command_id }]
      : [],
  );

/** A log whose appends of events fail as long as `down` says so. */
function failingLog(down: () => boolean): EventLog {
  return {
    start: () => log.start(),
    consume: (subscription) => log.consume(subscription),
    partitions: (topic) => log.partitions(topic),
    bounds: (topic) => log.bounds(topic),
    read: (topic, partition, position) => log.read(topic, partition, position),
    scan: (topic, range) => log.scan(topic, range),
    committed: (group, topic) => log.committed(group, topic),
    ping: (timeoutMs) => log.ping(timeoutMs),
    close: () => log.close(),
    append: (records, options): Promise<AppendResult[]> =>
      down() && records.some(({ topic }) => topic === TOPICS.memoryEvents)
        ? Promise.resolve(
            records.map(() => ({ ok: false, error: new SomaError('event_log_unavailable', 'down') })),
          )
        : log.append(records, options),
  };
}

test('a command becomes a row, an outcome for whoever waits, an event, and progress in the same partition', async () => {
  const heard: Operation[] = [];
  const subscription = await outcomes.subscribe('waiter', (operations) => heard.push(...operations));
  await startWriter();
  const command = put('a', { text: 'hello' });
  await send(command, { headers: { 'reply-to': 'waiter' } });
  await eventually(() =>
    expect(heard).toMatchObject([{ operation_id: command.command_id, status: 'stored', version: 1 }]),
  );
  await eventually(async () =>
    expect(await storedEvents()).toEqual([{ key: 'a', version: 1, id: command.command_id }]),
  );
  const partition = partitionOf('default/a', PARTITIONS);
  await eventually(async () =>
    expect(await readAll(TOPICS.memoryEvents)).toContainEqual({
      type: 'Progress',
      partition,
      generation: 1,
      command_position: 0,
    }),
  );
  await subscription.close();
});

test('events that could not be sent after the transaction are sent, and the effect is made once', async () => {
  let down = true;
  await startWriter(failingLog(() => down));
  await send(put('a'));
  await eventually(async () =>
    expect((await pool.query('select version from memories')).rows).toEqual([{ version: 1 }]),
  );
  expect(await storedEvents()).toEqual([]);
  down = false;
  await eventually(async () => expect(await storedEvents()).toEqual([{ key: 'a', version: 1, id: null }]));
  expect((await pool.query('select version from memories')).rows).toEqual([{ version: 1 }]);
});

test('a writer that takes over sends what its forerunner committed and never announced', async () => {
  const first = await startWriter(failingLog(() => true));
  await send(put('a'));
  await eventually(async () =>
    expect((await pool.query('select version from memories')).rows).toEqual([{ version: 1 }]),
  );
  await first.stop();
  running = [];
  expect(await storedEvents()).toEqual([]);
  await startWriter();
  await eventually(async () => expect(await storedEvents()).toEqual([{ key: 'a', version: 1, id: null }]));
});

test('a command that another producer sent to the wrong partition takes the detour and is carried out once', async () => {
  await startWriter();
  const wrong = (partitionOf('default/a', PARTITIONS) + 1) % PARTITIONS;
  await send(put('a'), { partition: wrong });
  await eventually(async () => expect(await storedEvents()).toMatchObject([{ key: 'a', version: 1 }]));
  const { rows } = await pool.query('select partition from memories');
  expect(rows).toEqual([{ partition: partitionOf('default/a', PARTITIONS) }]);
});

test('a record of another kind and a command that breaks a rule are dead letters that block nothing', async () => {
  await startWriter();
  const bad = put('a');
  await send({ ...bad, importance: 7 });
  await send(put('b'));
  await eventually(async () => expect(await storedEvents()).toMatchObject([{ key: 'b' }]));
  await eventually(async () =>
    expect((await pool.query('select code, command_id from dead_letters')).rows).toEqual([
      { code: 'invalid_request', command_id: bad.command_id },
    ]),
  );
  const { rows } = await pool.query('select status, error_code from operations where command_id = $1', [
    bad.command_id,
  ]);
  expect(rows).toEqual([{ status: 'dead_lettered', error_code: 'invalid_request' }]);
});

test('the same command sent twice has one effect', async () => {
  await startWriter();
  const command = put('a');
  await send(command);
  await send(command);
  await send(put('a'));
  await eventually(async () => expect((await storedEvents()).at(-1)).toMatchObject({ version: 2 }));
  expect(await storedEvents()).toHaveLength(2);
});
