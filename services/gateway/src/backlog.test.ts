import { afterEach, describe, expect, test } from '@jest/globals';
import type { AppendResult } from '@soma/event-log';
import type { GroupProgress, NamespaceBacklog } from '@soma/ledger';
import { NO_CONDITIONS, SomaError, type Command } from '@soma/memory';
import { createLogger } from '@soma/service';
import { eventually } from '@soma/testing';
import { Backlog } from './backlog.js';
import { startGateway, type RunningGateway } from './test/running-gateway.js';

const MAX = 4;
const WRITE = { body: { text: 'x' }, headers: { 'soma-namespace': 'flood' } };
const OTHER = { body: { text: 'x' }, headers: { 'soma-namespace': 'quiet' } };

let stop: () => Promise<void> = () => Promise.resolve();
afterEach(() => stop());

async function start(): Promise<RunningGateway> {
  const running = await startGateway({ SOMA_MAX_BACKLOG: String(MAX) });
  stop = () => running.stop();
  return running;
}

async function valueOf({ registry, call }: RunningGateway, name: string): Promise<number> {
  await call('GET', '/metrics', { anonymous: true });
  const found = (await registry.getMetricsAsJSON()).find((metric) => metric.name === name);
  return Number(found?.values[0]?.value);
}

/** Writes memories of the flooding namespace until one is refused. */
async function flood({ call }: RunningGateway, first = 0) {
  let n = first;
  await eventually(async () => {
    n += 1;
    expect((await call('PUT', `/memories/m${n}`, WRITE)).status).toBe(503);
  });
}

describe('a namespace with more waiting to be indexed than allowed', () => {
  test('has its writes refused while those of others go on', async () => {
    const running = await start();
    running.workers.indexing = false;
    await flood(running);
    const refused = await running.call('PUT', '/memories/late', WRITE);
    expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await running.call('PUT', '/memories/m', OTHER)).status).toBe(201);
    expect(await valueOf(running, 'soma_gateway_backlog')).toBeGreaterThan(MAX);
    expect(await valueOf(running, 'soma_gateway_backlog_refused_total')).toBeGreaterThan(0);
    expect(await running.registry.metrics()).not.toContain('flood');
  });

  test('is still read, searched and linked', async () => {
    const running = await start();
    running.workers.indexing = false;
    await flood(running);
    const { headers } = WRITE;
    expect((await running.call('GET', '/memories/m1', { headers })).status).toBe(200);
    expect((await running.call('GET', '/memories/search?query=x', { headers })).status).toBe(200);
    const body = { from_coord: 'm1', to_coord: 'm2' };
    expect((await running.call('POST', '/graph/links', { headers, body })).status).toBe(201);
  });

  test('refuses a batch whole, before anything of it is in the log', async () => {
    const running = await start();
    running.workers.indexing = false;
    await flood(running);
    const before = running.log.taken.length;
    const operations = [{ op: 'put', coord: 'a', payload: {} }];
    const batch = await running.call('POST', '/memories/batch', { ...WRITE, body: { operations } });
    expect(batch).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    expect(running.log.taken).toHaveLength(before);
  });

  test('is let in again once it is indexed', async () => {
    const running = await start();
    running.workers.indexing = false;
    await flood(running);
    running.workers.indexing = true;
    await eventually(async () => {
      expect((await running.call('PUT', '/memories/late', WRITE)).status).toBe(201);
    });
    await eventually(async () => {
      expect(await valueOf(running, 'soma_gateway_backlog')).toBeLessThanOrEqual(1);
    });
  });

  test('is refused too while its commands wait for the writer', async () => {
    const running = await start();
    let n = 0;
    // A memory of its own each: rates count writes to one memory.
    const write = (options: typeof WRITE) => running.call('PUT', `/memories/m${n++}?until=accepted`, options);
    running.workers.paused = true;
    await eventually(async () => {
      expect(await write(WRITE)).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    });
    expect((await write(OTHER)).status).toBe(202);
    running.workers.resume();
    await eventually(async () => {
      expect((await write(WRITE)).status).toBe(202);
    });
  });
});

describe('admission by backlog', () => {
  const installation = { generation: 1 };
  const commands: Command[] = Array.from({ length: 10 }, (_, n) => ({
    type: 'DeleteMemory',
    command_id: `id-${n}`,
    namespace: 'flood',
    coord: `m${n}`,
    request_hash: null,
    issued_at: 0,
    issuer: 'test',
    bound_to_user: null,
    conditions: NO_CONDITIONS,
    erase: false,
    only_expired: false,
  }));
  const arriving = { namespace: 'flood', commands, installation };

  /** The store of which `found` and `writer` are told, unless it is down. */
  function open(options: { keepMs?: number } = {}) {
    const store = { down: false, writer: -1, found: [] as NamespaceBacklog[], asked: 0 };
    const answer = <T>(value: T): Promise<T> => {
      store.asked += 1;
      return store.down
        ? Promise.reject(new SomaError('store_unavailable', 'no answer'))
        : Promise.resolve(value);
    };
    const writer = (): GroupProgress => ({
      group: 'writer',
      topic: 'memory.commands',
      partition: 0,
      generation: 1,
      position: store.writer,
      command_position: -1,
    });
    const backlog = new Backlog({
      ledger: { progress: () => answer([writer()]), backlog: () => answer(store.found) },
      max: MAX,
      logger: createLogger({ service: 'gateway', level: 'silent', format: 'json' }),
      onRefused: () => undefined,
      intervalMs: 5,
      ...options,
    });
    backlog.start();
    stop = () => backlog.stop();
    return { backlog, store };
  }

  const appending = (from: number) => (): Promise<AppendResult[]> =>
    Promise.resolve(
      commands.map((_, n) => ({ ok: true, topic: 'memory.commands', partition: 0, position: from + n })),
    );

  test('is open until the store has answered, and again when it has been silent for long', async () => {
    const { backlog, store } = open({ keepMs: 50 });
    store.found = [{ namespace: 'flood', memories: 100 }];
    expect(await backlog.admit(arriving, appending(0))).toHaveLength(10);
    await eventually(() =>
      expect(backlog.admit(arriving, appending(10))).rejects.toMatchObject({ code: 'overloaded' }),
    );
    store.down = true;
    await eventually(() => backlog.admit(arriving, appending(20)));
    expect(backlog.largest).toBe(0);
  });

  test('counts commands under way, and forgets those that the log did not take', async () => {
    const { backlog } = open();
    await eventually(() => {
      expect(backlog.largest).toBe(0);
    });
    let fail: (error: Error) => void = () => undefined;
    const pending = backlog.admit(arriving, () => new Promise((_, reject) => (fail = reject)));
    await eventually(() =>
      expect(backlog.admit(arriving, appending(0))).rejects.toMatchObject({ code: 'overloaded' }),
    );
    fail(new Error('the log is out'));
    await expect(pending).rejects.toThrow('the log is out');
    expect(await backlog.admit(arriving, appending(0))).toHaveLength(10);
  });

  test('lets everything that erases pass', async () => {
    const { backlog, store } = open();
    store.found = [{ namespace: 'flood', memories: 100 }];
    await eventually(() => expect(backlog.admit(arriving, appending(0))).rejects.toThrow());
    const erasing = commands.map((command) => ({ ...command, erase: true }) as Command);
    expect(await backlog.admit({ ...arriving, commands: erasing }, appending(0))).toHaveLength(10);
  });

  test('no longer counts what the writer has passed', async () => {
    const { backlog, store } = open();
    await backlog.admit(arriving, appending(0));
    await eventually(() => {
      expect(backlog.largest).toBe(10);
    });
    store.writer = 8;
    const { asked } = store;
    await eventually(() => {
      expect(store.asked).toBeGreaterThan(asked + 4);
    });
    expect(backlog.largest).toBe(10);
    store.writer = 9;
    await eventually(() => {
      expect(backlog.largest).toBe(0);
    });
  });
});
