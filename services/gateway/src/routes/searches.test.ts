import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway();
  call = running.call;
  await call('PUT', '/memories/a', {
    body: { payload: { text: 'red apple', topic: 'fruit' }, user_id: 'u1' },
  });
  await call('PUT', '/memories/b', { body: { payload: { text: 'red car', topic: 'thing' }, user_id: 'u2' } });
});
afterAll(() => running.stop());

const coordsOf = (json: JsonObject) => (json['memories'] as JsonObject[]).map(({ coord }) => coord);

describe('searching', () => {
  test('by body: memories with score and similarity', async () => {
    const answer = await call('POST', '/memories/search', {
      body: { query: 'red', filters: { topic: 'fruit' } },
    });
    expect(answer.json).toEqual({
      memories: [
        expect.objectContaining({
          coord: 'a',
          score: 1,
          similarity: null,
          payload: { text: 'red apple', topic: 'fruit' },
        }),
      ],
      degraded: false,
      degraded_reasons: [],
      took_ms: 1,
    });
  });

  test('by query string: the same, scope and filters among it', async () => {
    const filters = encodeURIComponent('{"topic":{"$in":["fruit","thing"]}}');
    const answer = await call(
      'GET',
      `/memories/search?query=red&top_k=1&user_id=u2&filters=${filters}&min_similarity=0.5&explain=true`,
    );
    expect(coordsOf(answer.json)).toEqual(['b']);
    expect(running.reads.asked.at(-1)?.request).toMatchObject({
      top_k: 1,
      offset: 0,
      mode: 'hybrid',
      min_similarity: 0.5,
      explain: true,
    });
  });

  test.each([
    ['POST', '/memories/search', { query: 'x', filters: { $where: 1 } }],
    ['POST', '/memories/search', { query: 'x', filters: { a: { $or: [] } } }],
    ['GET', '/memories/search?query=x&filters=%7Bno', undefined],
    ['GET', '/memories/search?query=x&filters=%7B%22a%22%3A1%2C%22a%22%3A2%7D', undefined],
    ['GET', '/memories/search?query=x&filters=[]', undefined],
  ])('%s %s with a bad filter is 400 invalid_filter', async (method, target, body) => {
    expect(await call(method, target, { body })).toMatchObject({
      status: 400,
      json: { code: 'invalid_filter' },
    });
  });

  test.each([
    ['top_k=0', 'top_k'],
    ['top_k=101', 'top_k'],
    ['top_k=1.5', 'top_k'],
    ['mode=fast', 'mode'],
    ['explain=yes', 'explain'],
    ['offset=999&top_k=50', 'offset'],
    ['unknown=1', 'unknown'],
    ['min_similarity=2', 'min_similarity'],
  ])('%s is 400 and names the parameter', async (query, parameter) => {
    const answer = await call('GET', `/memories/search?query=x&${query}`);
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request', errors: [{ parameter }] } });
  });

  test('a query of more than 8 KiB is 400, by both ways', async () => {
    const query = 'é'.repeat(4097);
    expect(await call('POST', '/memories/search', { body: { query } })).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/query' }] },
    });
    expect((await call('GET', `/memories/search?query=${encodeURIComponent(query)}`)).status).toBe(400);
    expect((await call('GET', `/memories/search?query=${encodeURIComponent('é'.repeat(4096))}`)).status).toBe(
      200,
    );
  });
});

describe('links', () => {
  test('are made, replaced, walked and removed', async () => {
    const body = { from_coord: 'a', to_coord: 'b', weight: 2, properties: { why: 'colour' } };
    const made = await call('POST', '/graph/links?until=indexed', { body });
    expect(made).toMatchObject({
      status: 201,
      json: { ok: true, status: 'indexed', from_coord: 'a', to_coord: 'b', type: 'related' },
    });
    expect((await call('POST', '/graph/links', { body })).status).toBe(200);

    const around = await call('GET', '/graph/neighbors?coord=a&depth=2&limit=10');
    expect(around).toMatchObject({
      status: 200,
      json: {
        nodes: [
          { coord: 'a', depth: 0 },
          { coord: 'b', depth: 1 },
        ],
        links: [
          { from_coord: 'a', to_coord: 'b', type: 'related', weight: 2, properties: { why: 'colour' } },
        ],
      },
    });
    expect((await call('GET', '/graph/path?from_coord=a&to_coord=b')).json).toMatchObject({ cost: 0.5 });

    const removed = await call('DELETE', '/graph/links?from_coord=a&to_coord=b');
    expect(removed).toMatchObject({ status: 200, json: { deleted: true } });
    expect((await call('DELETE', '/graph/links?from_coord=a&to_coord=b')).json).toMatchObject({
      deleted: false,
    });
    expect(await call('GET', '/graph/path?from_coord=a&to_coord=b')).toMatchObject({
      status: 404,
      json: { code: 'no_path' },
    });
  });

  test.each([
    ['POST', '/graph/links', { from_coord: 'a', to_coord: '1,,2' }, 'invalid_coord'],
    ['POST', '/graph/links', { from_coord: 'a', to_coord: 'b', weight: 0 }, 'invalid_request'],
    ['POST', '/graph/links', { from_coord: 'a', to_coord: 'b', type: '' }, 'invalid_request'],
    ['POST', '/graph/links', { from_coord: 'a' }, 'invalid_request'],
    ['GET', '/graph/neighbors?coord=a&depth=5', undefined, 'invalid_request'],
    ['GET', '/graph/neighbors?coord=a&direction=up', undefined, 'invalid_request'],
    ['GET', '/graph/neighbors?coord=1,,2', undefined, 'invalid_coord'],
    ['GET', '/graph/neighbors', undefined, 'invalid_request'],
    ['DELETE', '/graph/links?from_coord=a', undefined, 'invalid_request'],
  ])('%s %s is 400', async (method, target, body, code) => {
    expect(await call(method, target, { body })).toMatchObject({ status: 400, json: { code } });
  });

  test('a condition on a link is refused, not ignored', async () => {
    const answer = await call('POST', '/graph/links', {
      body: { from_coord: 'a', to_coord: 'b' },
      headers: { 'if-match': '"1"' },
    });
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ header: 'If-Match' }] } });
  });
});

describe('operations', () => {
  test('say what became of a command, in its namespace only', async () => {
    const written = await call('PUT', '/memories/op', { body: { text: 'x' } });
    const id = written.json['operation_id'] as string;
    const found = await call('GET', `/operations/${id}`);
    expect(found.json).toMatchObject({
      operation_id: id,
      status: 'indexed',
      coord: 'op',
      version: 1,
      finished_at: expect.any(String),
    });
    const elsewhere = await call('GET', `/operations/${id}`, { headers: { 'soma-namespace': 'other' } });
    expect(elsewhere).toMatchObject({ status: 404, json: { code: 'operation_not_found' } });
  });

  test('a rejection keeps its code, a deletion says deleted', async () => {
    await call('PATCH', '/memories/none', { body: { text: 'x' } });
    const id = running.log.taken.at(-1)?.command.command_id ?? '';
    expect((await call('GET', `/operations/${id}`)).json).toMatchObject({
      status: 'rejected',
      error: { code: 'memory_not_found' },
    });
    const deleted = await call('DELETE', '/memories/op');
    expect((await call('GET', `/operations/${deleted.json['operation_id'] as string}`)).json).toMatchObject({
      deleted: true,
    });
  });

  test('unknown ids, and what is no id, are 404; a token that does not belong is 400', async () => {
    for (const id of ['018f0000-0000-7000-8000-000000000001', 'x', "'%20or%201=1"]) {
      expect(await call('GET', `/operations/${id}`)).toMatchObject({
        status: 404,
        json: { code: 'operation_not_found' },
      });
    }
    const answer = await call('GET', '/operations/018f0000-0000-7000-8000-000000000001?token=AAAA');
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_consistency_token' } });
  });
});
