import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { BatchAnswer, WriteResult } from './answers.js';
import { Client, type SentHeaders } from './client.js';
import { expectProblem } from './expect-problem.js';

function post(client: Client, json: JsonObject, headers: SentHeaders) {
  return client.call<WriteResult>('POST', '/memories', { json, headers });
}

describe('Idempotency-Key', () => {
  test('the same request again gets the first outcome and has no second effect', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': 'key-1' };
    const first = await post(client, { coord: 'm', payload: { n: 1 } }, headers);
    await client.put('m', { payload: { n: 2 } });
    const again = await post(client, { coord: 'm', payload: { n: 1 } }, headers);
    expect(again.status).toBe(first.status);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect((await client.get('m')).body.memory).toMatchObject({ payload: { n: 2 }, version: 2 });
  });

  test('without a coord both name the same memory', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': 'key-2' };
    const first = await post(client, { payload: {} }, headers);
    const again = await post(client, { payload: {} }, headers);
    expect(again.body.coord).toBe(first.body.coord);
    expect(again.body.version).toBe(1);
  });

  test('bare and quoted spell one key', async () => {
    const client = new Client();
    const bare = await post(client, { payload: {} }, { 'Idempotency-Key': 'key-3' });
    const quoted = await post(client, { payload: {} }, { 'Idempotency-Key': '"key-3"' });
    expect(quoted.body.operation_id).toBe(bare.body.operation_id);
  });

  test.each<[string, (client: Client) => Promise<{ status: number }>]>([
    ['body', (client) => post(client, { coord: 'm', payload: { n: 2 } }, { 'Idempotency-Key': 'k' })],
    [
      'conditions',
      (client) =>
        post(client, { coord: 'm', payload: { n: 1 } }, { 'Idempotency-Key': 'k', 'If-None-Match': '*' }),
    ],
    [
      'path',
      (client) =>
        client.call('PUT', '/memories/m', {
          json: { payload: { n: 1 } },
          headers: { 'Idempotency-Key': 'k' },
        }),
    ],
    ['method', (client) => client.call('DELETE', '/memories/m', { headers: { 'Idempotency-Key': 'k' } })],
    [
      'query',
      (client) =>
        client.call('POST', '/memories?until=stored', {
          json: { coord: 'm', payload: { n: 1 } },
          headers: { 'Idempotency-Key': 'k' },
        }),
    ],
  ])('another %s under the key is 422', async (_, second) => {
    const client = new Client();
    await post(client, { coord: 'm', payload: { n: 1 } }, { 'Idempotency-Key': 'k' });
    expectProblem((await second(client)) as never, 422, 'idempotency_key_reused');
    expect((await client.get('m')).body.memory.version).toBe(1);
  });

  test('twins in flight have one effect and one answer', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': 'twins' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(client, { coord: 'm', payload: {} }, headers)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.operation_id)).size).toBe(1);
    expect((await client.get('m')).body.memory.version).toBe(1);
  });

  test('a key belongs to its namespace', async () => {
    const headers = { 'Idempotency-Key': 'shared' };
    const [one, two] = [new Client(), new Client()];
    await post(one, { coord: 'm', payload: { n: 1 } }, headers);
    const other = await post(two, { coord: 'm', payload: { n: 2 } }, headers);
    expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([201, null]);
  });

  test('what was refused before it was accepted is not remembered', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': 'mended' };
    expectProblem(await post(client, { coord: 'a b', payload: {} }, headers), 400, 'invalid_coord');
    expect((await post(client, { coord: 'a-b', payload: {} }, headers)).status).toBe(201);
  });

  test('a rejected condition is an outcome and is replayed', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': 'conditional', 'If-Match': '"1"' };
    expectProblem(await post(client, { coord: 'm', payload: {} }, headers), 412, 'version_conflict');
    await client.put('m', { payload: {} });
    const again = await post(client, { coord: 'm', payload: {} }, headers);
    expectProblem(again, 412, 'version_conflict');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('a batch is replayed as one', async () => {
    const client = new Client();
    const json = {
      operations: [
        { op: 'put', coord: 'a', payload: { n: 1 } },
        { op: 'put', payload: { n: 2 } },
      ],
    };
    const headers = { 'Idempotency-Key': 'batch' };
    const first = await client.call<BatchAnswer>('POST', '/memories/batch', { json, headers });
    const again = await client.call<BatchAnswer>('POST', '/memories/batch', { json, headers });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await client.get('a')).body.memory.version).toBe(1);
  });

  test('a deletion is replayed', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const remove = () =>
      client.call<WriteResult>('DELETE', '/memories/m', { headers: { 'Idempotency-Key': 'gone' } });
    await remove();
    await client.put('m', { payload: {} });
    expect((await remove()).body).toMatchObject({ deleted: true, version: 2 });
    expect((await client.get('m')).status).toBe(200);
  });

  test.each(['', 'x'.repeat(201), 'two words', '"open'])('the key %j is refused', async (key) => {
    const answer = await post(new Client(), { payload: {} }, { 'Idempotency-Key': key });
    expectProblem(answer, 400, 'invalid_request');
  });
});
