import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { status, type ServiceError } from '@grpc/grpc-js';
import { eventually } from '@soma/testing';
import { GrpcClient, jsonOf, structOf, type Message } from '@soma/testing/grpc';
import { startGateway, TOKEN, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let client: GrpcClient;
const connect = ({ url }: RunningGateway, token = TOKEN) =>
  new GrpcClient(url.replace('http://', ''), { authorization: `Bearer ${token}` });
beforeAll(async () => {
  running = await startGateway({ SOMA_MAX_STREAMS_PER_TOKEN: '2', SOMA_MAX_BODY_BYTES: '20000' });
  client = connect(running);
});
afterEach(() => {
  running.workers.paused = false;
  running.reads.hanging = false;
});
afterAll(async () => {
  client.close();
  await running.stop();
});

const gauge = async (name: string) =>
  (await running.registry.getSingleMetric(`soma_gateway_${name}`)?.get())?.values[0]?.value ?? -1;

describe('calls', () => {
  test('what is put is got, payload and all', async () => {
    const payload = { topic: 'tea', nested: { list: [1, null, true, { deep: -0.5 }] }, empty: {} };
    const memory = { coord: 'ada.tea', payload: structOf(payload), tags: ['x'], importance: 0 };
    const put = await client.call('Put', { memory });
    expect(put.message).toMatchObject({
      result: { coord: 'ada.tea', namespace: 'default', ok: true, status: 'stored', version: 1 },
    });
    expect(put.message.consistency_token).toBe(put.metadata.get('soma-consistency-token')[0]);
    expect(put.metadata.get('ratelimit')).toHaveLength(1);
    const got = await client.call('Get', { coord: 'ada.tea' });
    expect(got.message.memory).toMatchObject({ coord: 'ada.tea', version: 1, tags: ['x'] });
    expect(jsonOf(got.message.memory.payload)).toEqual(payload);
  });

  test('a batch tells of each, by position', async () => {
    const operations = [
      { memory: { coord: 'b1', text: 'one' } },
      { memory: { coord: 'bad coord', text: 'two' } },
      { memory: { coord: 'b1', text: 'three' }, if_version: 7 },
    ];
    const { message } = await client.call('BatchPut', { operations });
    expect(message.results).toMatchObject([
      { coord: 'b1', ok: true, version: 1 },
      { coord: 'bad coord', status: 'rejected', error: { code: 'invalid_coord' } },
      { coord: 'b1', error: { code: 'version_conflict' } },
    ]);
  });

  test('a deletion says whether there was something', async () => {
    await client.call('Put', { memory: { coord: 'd', text: 'x' } });
    expect((await client.call('Delete', { coord: 'd' })).message.deleted).toBe(true);
    expect((await client.call('Delete', { coord: 'd' })).message).toMatchObject({ deleted: false });
  });

  test('searches and walks bring memories', async () => {
    await client.call('Put', { memory: { coord: 's', text: 'jasmine tea' } }, { 'soma-namespace': 'found' });
    const found = await client.call('Search', { query: 'tea', top_k: 1 }, { 'soma-namespace': 'found' });
    expect(found.message.hits).toMatchObject([{ memory: { coord: 's' } }]);
    const walked = await client.call('Neighbors', { coord: 's' }, { 'soma-namespace': 'found' });
    expect(walked.message.nodes ?? []).toEqual(expect.any(Array));
  });

  test('under one key the second sending is the first', async () => {
    const send = (text: string) =>
      client.call('Put', { memory: { coord: 'k', text } }, { 'idempotency-key': 'key-1' });
    const [first, again] = [await send('a'), await send('a')];
    expect(again.message.result.operation_id).toBe(first.message.result.operation_id);
    expect(again.metadata.get('idempotency-replayed')).toEqual(['true']);
    await expect(send('b')).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
  });
});

describe('refusals', () => {
  const refused = async (call: Promise<unknown>) => {
    const error = (await call.then(
      () => new Error('it was answered'),
      (thrown: unknown) => thrown,
    )) as ServiceError;
    const { code, details, metadata } = error;
    return { code, details, metadata, soma: metadata.get('soma-code')[0] };
  };

  test.each<[string, () => Promise<unknown>, status, string]>([
    [
      'a wrong token',
      () => connect(running, 'wrong').call('Get', { coord: 'a' }),
      status.UNAUTHENTICATED,
      'invalid_token',
    ],
    [
      'none',
      () => client.call('Get', { coord: 'a' }, { authorization: '' }),
      status.UNAUTHENTICATED,
      'missing_token',
    ],
    ['no memory', () => client.call('Get', { coord: 'none' }), status.NOT_FOUND, 'memory_not_found'],
    ['no coord', () => client.call('Get', {}), status.INVALID_ARGUMENT, 'invalid_coord'],
    [
      'a word of a route',
      () => client.call('Get', { coord: 'search' }),
      status.INVALID_ARGUMENT,
      'invalid_coord',
    ],
    ['a path', () => client.call('Delete', { coord: '../a?x=1' }), status.INVALID_ARGUMENT, 'invalid_coord'],
    ['no content', () => client.call('Put', {}), status.INVALID_ARGUMENT, 'invalid_request'],
    ['no query', () => client.call('Search', { top_k: 101 }), status.INVALID_ARGUMENT, 'invalid_request'],
    [
      'no number',
      () => client.call('Put', { memory: { payload: structOf({ n: Number.NaN }) } }),
      status.INVALID_ARGUMENT,
      'invalid_request',
    ],
    [
      'an integer beyond 2^53',
      () => client.call('Put', { memory: { payload: structOf({ n: 2 ** 60 }) } }),
      status.INVALID_ARGUMENT,
      'invalid_request',
    ],
    [
      'U+0000',
      () => client.call('Put', { memory: { text: 'a\0b' } }),
      status.INVALID_ARGUMENT,
      'invalid_request',
    ],
    [
      'a misspelled name',
      () => client.call('Get', { coord: 'a' }, { 'soma-namspace': 'x' }),
      status.INVALID_ARGUMENT,
      'invalid_request',
    ],
    [
      'a foreign token',
      () => client.call('Get', { coord: 'a' }, { 'soma-consistency-token': 'x' }),
      status.INVALID_ARGUMENT,
      'invalid_consistency_token',
    ],
    [
      'too much',
      () => client.call('Put', { memory: { text: 'x'.repeat(20_001) } }),
      status.RESOURCE_EXHAUSTED,
      'payload_too_large',
    ],
    [
      'another version',
      () => client.call('Put', { memory: { coord: 'v', text: 'x' }, if_version: 3 }),
      status.ABORTED,
      'version_conflict',
    ],
  ])('%s', async (_, call, code, soma) => {
    expect(await refused(call())).toMatchObject({ code, soma });
  });

  test('say where, and hold the whole problem', async () => {
    const error = await refused(client.call('Search', { query: 'x', top_k: 101 }));
    expect(error.details).toContain('/top_k: ');
    const problem = JSON.parse(String(error.metadata.get('soma-problem-bin')[0])) as object;
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ pointer: '/top_k' }] });
    expect(error.metadata.get('x-request-id')).toHaveLength(1);
  });

  test('are counted and logged as those over HTTP', async () => {
    const id = '018f0000-0000-7000-8000-00000000abcd';
    await refused(client.call('Get', { coord: 'none' }, { 'x-request-id': id }));
    await eventually(() => {
      expect(running.lines.find((line) => line.includes(id))).toContain('"route":"/memories/{coord}"');
    });
  });
});

describe('callers that leave', () => {
  test('a deadline ends the request behind the call', async () => {
    running.workers.paused = true;
    const call = client.call('Put', { memory: { text: 'x' } }, {}, { deadline: Date.now() + 300 });
    await eventually(async () => {
      expect(await gauge('requests_in_flight')).toBe(1);
    });
    await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await eventually(async () => {
      expect(await gauge('requests_in_flight')).toBe(0);
    });
  });
});

describe('watching', () => {
  test('tells what changed, and goes on behind the last id', async () => {
    const namespace = { 'soma-namespace': 'watched' };
    for (const coord of ['w1', 'w2', 'w3'])
      await client.call('Put', { memory: { coord, text: coord } }, namespace);
    const follow = async (message: object, count: number) => {
      const feed = client.watch(message, namespace);
      feed.on('error', () => undefined);
      const taken: Message[] = [];
      for await (const answer of feed) {
        taken.push(answer as Message);
        if (taken.length === count) break;
      }
      feed.cancel();
      return taken;
    };
    const first = await follow({ since: { seconds: 1 } }, 1);
    expect(first).toMatchObject([{ change: { coord: 'w1', version: 1, memory: { text: 'w1' } } }]);
    const rest = await follow({ after: first[0]?.id }, 2);
    expect(rest.map(({ change }) => change?.coord)).toEqual(['w2', 'w3']);
    await eventually(async () => {
      expect(await gauge('streams')).toBe(0);
    });
  });

  test('is refused with a code before it begins, and as often as over HTTP', async () => {
    const failure = async (message: object) => {
      const [error] = (await once(client.watch(message).resume(), 'error')) as [
        { metadata: { get(name: string): unknown } },
      ];
      return error.metadata.get('soma-code');
    };
    expect(await failure({ after: 'nonsense' })).toEqual(['invalid_cursor']);
    const open = [client.watch({}), client.watch({})];
    for (const feed of open) {
      feed.on('error', () => undefined);
      await once(feed, 'metadata');
    }
    expect(await failure({})).toEqual(['rate_limited']);
    for (const feed of open) feed.cancel();
  });
});

describe('stopping', () => {
  test('ends feeds with the reason, and later calls are told to come again', async () => {
    const other = await startGateway();
    const caller = connect(other);
    const feed = caller.watch({});
    await once(feed, 'metadata');
    const ended = once(feed.resume(), 'error') as Promise<[ServiceError]>;
    const stopped = other.stop();
    const [error] = await ended;
    expect([error.code, error.metadata.get('soma-code')]).toEqual([status.UNAVAILABLE, ['shutting_down']]);
    await stopped;
    await expect(caller.call('Get', { coord: 'a' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    caller.close();
  });
});
