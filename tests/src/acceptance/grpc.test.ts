import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { status, type ServiceError } from '@grpc/grpc-js';
import { GrpcClient, jsonOf, structOf, type Message } from '@soma/testing/grpc';
import { ROOT } from '../system/index.js';
import { Client, target } from './client.js';

const clients: GrpcClient[] = [];
afterAll(() => {
  for (const client of clients) client.close();
});

/** Of a namespace of its own, beside an HTTP client of the same. */
function connect(token = target().token): { grpc: GrpcClient; http: Client } {
  const http = new Client();
  const metadata = { authorization: `Bearer ${token}`, 'soma-namespace': http.namespace };
  const grpc = new GrpcClient(new URL(target().url).host, metadata);
  clients.push(grpc);
  return { grpc, http };
}

describe('gRPC', () => {
  test('reads and finds its own writes, and HTTP sees the same', async () => {
    const { grpc, http } = connect();
    const payload = { topic: 'tea', cups: 3, kinds: ['green', null] };
    const put = await grpc.call('Put', {
      memory: { coord: '42,17', payload: structOf(payload), user_id: 'ada' },
    });
    expect(put.message).toMatchObject({ result: { coord: '42,17', status: 'stored', version: 1 } });
    const token = { 'soma-consistency-token': put.message.consistency_token };
    const got = await grpc.call('Get', { coord: '42,17' }, token);
    expect(got.message.memory).toMatchObject({ coordinate: [42, 17], user_id: 'ada' });
    expect(jsonOf(got.message.memory.payload)).toEqual(payload);
    const found = await grpc.call(
      'Search',
      { query: 'tea', filters: structOf({ cups: { $gte: 3 } }) },
      token,
    );
    expect(found.message.hits).toMatchObject([{ memory: { coord: '42,17' } }]);
    expect((await http.call('GET', '/memories/42,17')).body).toMatchObject({
      memory: { payload, version: 1 },
    });
  });

  test('stores a batch, walks along links, deletes', async () => {
    const { grpc, http } = connect();
    const operations = ['a', 'b'].map((coord) => ({ memory: { coord, text: coord } }));
    const { message } = await grpc.call('BatchPut', { operations, until: 'indexed' });
    expect(message.results).toMatchObject([
      { coord: 'a', ok: true },
      { coord: 'b', ok: true },
    ]);
    const link = { from_coord: 'a', to_coord: 'b', weight: 2, properties: { why: 'test' } };
    const linked = await http.call('POST', '/graph/links?until=indexed', { json: link });
    const token = { 'soma-consistency-token': linked.headers.get('soma-consistency-token') ?? '' };
    const walked = await grpc.call('Neighbors', { coord: 'a' }, token);
    expect(walked.message).toMatchObject({
      nodes: [{ memory: { coord: 'a' } }, { memory: { coord: 'b' }, depth: 1 }],
      links: [{ from_coord: 'a', to_coord: 'b', weight: 2 }],
    });
    const gone = await grpc.call('Delete', { coord: 'b', if_version: 1 });
    expect(gone.message.deleted).toBe(true);
    const after = { 'soma-consistency-token': gone.message.consistency_token };
    await expect(grpc.call('Get', { coord: 'b' }, after)).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  test('refuses a wrong token with its code', async () => {
    const { grpc } = connect('wrong');
    const call = grpc.call('Get', { coord: 'a' });
    await expect(call).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown as ServiceError,
    );
    expect(error?.metadata.get('soma-code')).toEqual(['invalid_token']);
  });

  test('ends with its deadline', async () => {
    const { grpc } = connect();
    const call = grpc.call('Put', { memory: { text: 'x' } }, {}, { deadline: Date.now() - 1 });
    await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  test('tells what changes as it changes, and goes on behind the last id', async () => {
    const { grpc, http } = connect();
    const follow = async (
      message: object,
      count: number,
      then?: () => Promise<unknown>,
    ): Promise<Message[]> => {
      const feed = grpc.watch(message);
      feed.on('error', () => undefined);
      await once(feed, 'metadata');
      await then?.();
      const taken: Message[] = [];
      for await (const answer of feed) {
        const message = answer as Message;
        if (message.change !== undefined) taken.push(message);
        if (taken.length === count) break;
      }
      feed.cancel();
      return taken;
    };
    const seen = await follow({}, 2, async () => {
      await http.put('a', { payload: { n: 1 } });
      await http.call('DELETE', '/memories/a');
    });
    expect(seen).toMatchObject([
      { change: { coord: 'a', version: 1, memory: { coord: 'a' } } },
      { change: { coord: 'a', version: 2 } },
    ]);
    expect(seen[1]?.change?.memory).toBeUndefined();
    const [next] = await follow({ after: seen[0]?.id }, 1);
    expect(next?.change).toEqual(seen[1]?.change);
  });

  test('the example of docs/grpc.md finds what it wrote', async () => {
    const page = readFileSync(join(ROOT, 'docs/grpc.md'), 'utf8');
    const { http } = connect();
    const example = (/```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
      .replace('127.0.0.1:40020', new URL(target().url).host)
      .replace('new Metadata();', `new Metadata();\nmetadata.set('soma-namespace', '${http.namespace}');`);
    const run = promisify(execFile)('node', ['--input-type=module', '-e', example], {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', TOKEN: target().token },
    });
    expect((await run).stdout).toBe('Ada drinks jasmine tea\n');
  });
});
