import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPostgresAuditLog, createPostgresTokens } from '@soma/access/postgres';
import { createInProcessCache, createInProcessOutcomes } from '@soma/cache/in-process';
import type { EventLog } from '@soma/event-log';
import { createPostgresLog } from '@soma/event-log/postgres';
import { createCodec, TOPICS, type Codec } from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import type { Job, JobKind } from '@soma/jobs';
import { createPostgresJobs } from '@soma/jobs/postgres';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { parseCoordinate, SomaError, type JsonObject, type MemoryCommand } from '@soma/memory';
import { deleteCommand, storeCommand } from '@soma/memory-store/contract';
import {
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresQuotas,
  createPostgresRetention,
} from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import { createLogger, type Service } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { createWriter } from '../index.js';

const PARTITIONS = 2;
const MARKER = 'kingfisher';
const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });

async function open() {
  const database = await createTestDatabase();
  const pool = createPool(
    { url: database.url, maxConnections: 10, applicationName: 'test' },
    () => undefined,
  );
  const outcomes = createInProcessOutcomes();
  const log = createPostgresLog({ pool, url: database.url, logger, partitions: PARTITIONS });
  await log.start();
  const ledger = createPostgresLedger({ pool });
  const memories = createPostgresMemoryStore({ pool });
  const parts = {
    log,
    ledger,
    memories,
    outcomes,
    codec: createCodec({ ids: createCommittedIds() }),
    jobs: createPostgresJobs({ pool }),
    erasing: createPostgresErasing({ pool }),
    retention: createPostgresRetention({ pool }),
    quotas: createPostgresQuotas({ pool }),
    tokens: createPostgresTokens({ pool }),
    audit: createPostgresAuditLog({ pool }),
  };
  // The other workers keep up with the writer at once: their rows of progress are set to its own.
  const projecting = setInterval(() => {
    pool.query(PROJECT).catch(() => undefined);
  }, 50);
  const close = async () => {
    clearInterval(projecting);
    await log.close();
    await outcomes.close();
    await pool.end();
    await database.drop();
  };
  return { ...parts, pool, close };
}

const PROJECT = `
  insert into progress (group_name, topic, partition, generation, position, command_position)
  select name, '${TOPICS.memoryEvents}', partition, generation, position, position
  from progress, unnest(array['indexer', 'graph', 'cache-invalidator']) as name
  where group_name = 'writer'
  on conflict (group_name, topic, partition) do update set command_position = excluded.command_position`;

let opened: Awaited<ReturnType<typeof open>>;
let running: Service[] = [];
beforeEach(async () => {
  opened = await open();
});
afterEach(async () => {
  await Promise.all(running.map((service) => service.stop()));
  running = [];
  await opened.close();
});

async function startWriter(through: Partial<{ log: EventLog; codec: Codec }> = {}): Promise<Service> {
  const writer = createWriter({
    ...opened,
    ...through,
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

async function send(...commands: MemoryCommand[]): Promise<void> {
  const records = await Promise.all(commands.map((command) => opened.codec.encodeCommand(command)));
  const results = await opened.log.append(records);
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
}

const marked = (coord: string, tags: string[] = []) =>
  storeCommand(coord, { payload: { text: MARKER }, tags });

async function untilEnded({ job_id }: Pick<Job, 'job_id'>): Promise<Job> {
  let job: Job | undefined;
  await eventually(async () => {
    job = await opened.jobs.get(job_id);
    expect(['done', 'failed']).toContain(job?.state);
  }, 30_000);
  if (job === undefined) throw new Error('there is no such job');
  return job;
}

async function runJob(kind: JobKind, request: JsonObject): Promise<Job> {
  return untilEnded(await opened.jobs.create({ kind, request, issuer: 'an admin' }));
}

const erase = (request: JsonObject) => runJob('erase', { namespace: 'team', at_most: 10_000, ...request });

async function live(...coords: string[]): Promise<string[]> {
  const keys = coords.map((coord) => parseCoordinate(coord)?.key ?? '');
  const found = await opened.memories.get('team', keys);
  return coords.filter((_, index) => found[index] !== undefined);
}

async function historyOf(key: string): Promise<number[]> {
  const { rows } = await opened.pool.query<{ version: number }>(
    'select version from history where namespace = $1 and key = $2 order by version',
    ['team', key],
  );
  return rows.map(({ version }) => version);
}

test('erases by coords whatever is left of them, what the writer has not come to yet too', async () => {
  await send(marked('a'), marked('a'), marked('b'), marked('gone'), deleteCommand('gone'), marked('42.0'));
  const asked = opened.jobs.create({
    kind: 'erase',
    request: { namespace: 'team', coords: ['a', 'gone', '42.00', 'never'], at_most: 10 },
    issuer: 'an admin',
  });
  await startWriter();
  const job = await untilEnded(await asked);
  expect(job).toMatchObject({ state: 'done', done: 3, total: 3 });
  expect(job.result).toMatchObject({ matched: 3, erased: 3, spared: 0, dead_letters_erased: 0 });
  expect(Object.keys(job.result?.['log_clean_by'] as JsonObject).sort()).toEqual(
    Object.values(TOPICS).sort(),
  );
  expect(await live('a', 'b', 'gone', '42')).toEqual(['b']);
  expect([await historyOf('a'), await historyOf('gone'), await historyOf('42')]).toEqual([[3], [2, 3], [2]]);
  const { rows } = await opened.pool.query(
    `select distinct issuer from history where (state ->> 'deleted')::boolean`,
  );
  expect(rows).toEqual(expect.arrayContaining([{ issuer: 'an admin' }]));
});

test('erases by filter', async () => {
  await startWriter();
  await send(marked('a', ['old']), marked('b', ['old']), marked('c', ['new']));
  const job = await erase({ filters: { tags: 'old' } });
  expect(job.result).toMatchObject({ matched: 2, erased: 2, spared: 0 });
  expect(await live('a', 'b', 'c')).toEqual(['c']);
});

test('spares what was renewed after it had matched the filter', async () => {
  await startWriter();
  await send(marked('a', ['old']), marked('b', ['old']));
  await eventually(async () => {
    expect(await live('a', 'b')).toEqual(['a', 'b']);
  });
  // Between the look for targets and the commands: the codec is asked for the first of them.
  let renewed: Promise<void> | undefined;
  const codec: Codec = {
    ...opened.codec,
    encodeCommand: async (command) => {
      if (command.type === 'DeleteMemory') await (renewed ??= send(storeCommand('b', { payload: {} })));
      return opened.codec.encodeCommand(command);
    },
  };
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await startWriter({ codec });
  const job = await erase({ filters: { tags: 'old' } });
  expect(job.result).toMatchObject({ matched: 2, erased: 1, spared: 1 });
  expect(await live('a', 'b')).toEqual(['b']);
});

test('erases a namespace with all that is left in it, page by page, and no other', async () => {
  await startWriter();
  const many = Array.from({ length: 230 }, (_, n) => marked(`m${n}`));
  await send(...many, storeCommand('m1', { namespace: 'other' }));
  const bad = { ...marked('bad'), importance: 7 };
  await send(bad);
  const job = await erase({ all: true });
  expect(job.result).toMatchObject({ matched: 231, erased: 231, dead_letters_erased: 1 });
  const { rows } = await opened.pool.query('select namespace, key from memories where not deleted');
  expect(rows).toEqual([{ namespace: 'other', key: 'm1' }]);
  const letters = await opened.pool.query('select value, command_id from dead_letters');
  expect(letters.rows).toEqual([{ value: null, command_id: bad.command_id }]);
  expect((await erase({ all: true })).result).toMatchObject({ matched: 0, erased: 0 });
});

test('erases nothing when more match than it may, or when it only tries', async () => {
  await startWriter();
  await send(marked('a'), marked('b'));
  expect(await erase({ all: true, at_most: 1 })).toMatchObject({
    state: 'failed',
    error: { code: 'too_many_matched' },
  });
  expect((await erase({ all: true, at_most: 2, dry_run: true })).result).toEqual({
    matched: 2,
    erased: 0,
    dry_run: true,
  });
  expect(await live('a', 'b')).toEqual(['a', 'b']);
});

test('goes on after a crash in the middle of a page, erases once and counts right', async () => {
  await send(...Array.from({ length: 5 }, (_, n) => marked(`m${n}`)));
  // A first process that dies once its commands are in the log.
  let dead = false;
  const dying: EventLog = new Proxy(opened.log, {
    get: (log, name: keyof EventLog) => {
      if (name !== 'append') return (log[name] as () => unknown).bind(log);
      return async (records: Parameters<EventLog['append']>[0]) => {
        const results = await log.append(records);
        if (!records.some(({ headers }) => headers['record-type'] === 'DeleteMemory')) return results;
        dead = true;
        return records.map(() => ({ ok: false, error: new SomaError('event_log_unavailable', 'gone') }));
      };
    },
  });
  const first = await startWriter({ log: dying });
  const job = await opened.jobs.create({
    kind: 'erase',
    request: { namespace: 'team', all: true, at_most: 10 },
    issuer: 'an admin',
  });
  await eventually(() => {
    expect(dead).toBe(true);
  }, 30_000);
  await first.stop();
  running = [];
  await opened.pool.query('update jobs set leased_until = now()');
  await startWriter();
  const ended = await untilEnded(job);
  expect(ended.result).toMatchObject({ matched: 5, erased: 5, spared: 0 });
  const { rows } = await opened.pool.query('select distinct version from memories');
  expect(rows).toEqual([{ version: 2 }]);
});

test('a check tells what topics and tables still hold, and until when', async () => {
  await startWriter();
  await send(marked('a'), marked('b'), { ...marked('a'), importance: 7 });
  const [junk] = await opened.log.append([
    { topic: TOPICS.memoryCommands, key: 'elsewhere', value: Buffer.from('junk'), headers: {} },
  ]);
  expect(junk?.ok).toBe(true);
  await eventually(async () => {
    const { rows } = await opened.pool.query('select count(*) as letters from dead_letters where published');
    expect(rows).toEqual([{ letters: 2 }]);
  });
  const check = async () => (await runJob('check-erased', { namespace: 'team', coords: ['a'] })).result;
  const inTopics = {
    [TOPICS.memoryCommands]: 2,
    [TOPICS.graphCommands]: 0,
    [TOPICS.memoryEvents]: 1,
    [TOPICS.deadLetters]: 1,
  };
  expect(await check()).toMatchObject({
    clean: false,
    remaining: { ...inTopics, memories: 1, history: 1, dead_letters: 1, links: 0, index_points: 0 },
    // Once in its topic and once among the dead letters.
    unreadable: 2,
  });
  await erase({ coords: ['a'] });
  const after = await check();
  expect(after).toMatchObject({
    clean: false,
    remaining: { ...inTopics, memories: 0, history: 0, dead_letters: 0 },
  });
  const left =
    Date.parse(after?.['clean_by'] as string) - Date.parse(after?.['newest_remaining_at'] as string);
  expect(left).toBeGreaterThan(29 * 86_400_000);
  expect((await runJob('check-erased', { namespace: 'team', coords: ['never'] })).result).toMatchObject({
    clean: true,
    newest_remaining_at: null,
    clean_by: null,
  });
  expect((await runJob('check-erased', { namespace: 'team', all: true })).result).toMatchObject({
    remaining: { ...inTopics, [TOPICS.memoryCommands]: 3, [TOPICS.memoryEvents]: 2, memories: 1 },
  });
});

test('what has expired is deleted for good, and what was renewed is not', async () => {
  await startWriter();
  await send(
    storeCommand('over', { expires_at: Date.now() - 1_000 }),
    storeCommand('renewed', { expires_at: Date.now() - 1_000 }),
    storeCommand('renewed'),
    storeCommand('later', { expires_at: Date.now() + 3_600_000 }),
  );
  await eventually(async () => {
    const { rows } = await opened.pool.query(
      'select key, deleted, version, text is null as empty from memories order by key',
    );
    expect(rows).toEqual([
      { key: 'later', deleted: false, version: 1, empty: false },
      { key: 'over', deleted: true, version: 2, empty: true },
      { key: 'renewed', deleted: false, version: 2, empty: false },
    ]);
  }, 30_000);
  const { rows } = await opened.pool.query(`select key, version from history where issuer = 'soma:expiry'`);
  expect(rows).toEqual([{ key: 'over', version: 2 }]);
});
