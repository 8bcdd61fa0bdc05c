import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway();
  call = running.call;
});
afterAll(() => running.stop());

describe('storing', () => {
  test('a new memory is 201 with a WriteResult, Location, ETag and token', async () => {
    const answer = await call('POST', '/memories', {
      body: { coord: '42.0,17', payload: { text: 'hello' } },
    });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      coord: '42.0,17',
      namespace: 'default',
      memory_type: 'episodic',
      ok: true,
      status: 'stored',
      version: 1,
      operation_id: expect.any(String),
    });
    expect(answer.headers.get('location')).toBe('/memories/42.0,17');
    expect(answer.headers.get('etag')).toMatch(/^"1-\d+"$/);
    expect(answer.headers.get('soma-consistency-token')).toBeTruthy();
  });

  test('the same coord by PUT is replaced: 200, the next version', async () => {
    const answer = await call('PUT', '/memories/42%2C17', { body: { text: 'again' } });
    expect(answer).toMatchObject({ status: 200, json: { version: 2, coord: '42,17' } });
    const read = await call('GET', '/memories/42.0,17');
    expect(read.json['memory']).toMatchObject({
      payload: {},
      text: 'again',
      coordinate: [42, 17],
      version: 2,
    });
  });

  test('without a coord one is made, and the memory is there', async () => {
    const answer = await call('POST', '/memories', { body: { payload: { a: 1 } } });
    expect(answer.status).toBe(201);
    const read = await call('GET', String(answer.headers.get('location')));
    expect(read.json['memory']).toMatchObject({ payload: { a: 1 }, coordinate: null });
  });

  test('every attribute comes back as it was sent, times in UTC', async () => {
    const body = {
      payload: { nested: { list: [1, 'zwei', null] } },
      text: 'what is embedded',
      memory_type: 'semantic',
      user_id: 'u',
      agent_id: 'a',
      thread_id: 't',
      actor: 'speaker',
      tags: ['x', 'y'],
      importance: 0.75,
    };
    const times = { occurred_at: '2024-05-01T12:00:00+02:00', expires_at: '2999-01-01T00:00:00Z' };
    await call('PUT', '/memories/full', { body: { ...body, ...times } });
    const read = await call('GET', '/memories/full');
    expect(read.json['memory']).toMatchObject({
      ...body,
      occurred_at: '2024-05-01T10:00:00.000Z',
      expires_at: '2999-01-01T00:00:00.000Z',
    });
  });

  test('a key named __proto__ in a payload is kept', async () => {
    await call('PUT', '/memories/proto', {
      body: '{"payload":{"__proto__":{"polluted":true},"constructor":1}}',
    });
    const read = await call('GET', '/memories/proto');
    expect(read.text).toContain('"payload":{"__proto__":{"polluted":true},"constructor":1}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('If-None-Match: * is 412 already_exists; If-Match is 412 version_conflict', async () => {
    await call('PUT', '/memories/cond', { body: { text: '1' } });
    const twice = await call('PUT', '/memories/cond', {
      body: { text: '2' },
      headers: { 'if-none-match': '*' },
    });
    expect(twice).toMatchObject({ status: 412, json: { code: 'already_exists' } });
    const stale = await call('PUT', '/memories/cond', {
      body: { text: '2' },
      headers: { 'if-match': '"7"' },
    });
    expect(stale).toMatchObject({ status: 412, json: { code: 'version_conflict' } });
    const right = await call('PUT', '/memories/cond', {
      body: { text: '2' },
      headers: { 'if-match': '"7", "1"' },
    });
    expect(right).toMatchObject({ status: 200, json: { version: 2 } });
    const whole = await call('DELETE', '/memories/cond', {
      headers: { 'if-match': String(right.headers.get('etag')) },
    });
    expect(whole).toMatchObject({ status: 200, json: { deleted: true } });
  });

  test('namespaces do not see each other', async () => {
    await call('PUT', '/memories/secret', { body: { text: 'x' }, headers: { 'soma-namespace': 'other' } });
    expect((await call('GET', '/memories/secret')).status).toBe(404);
    expect((await call('GET', '/memories/secret', { headers: { 'soma-namespace': 'other' } })).status).toBe(
      200,
    );
  });
});

describe('patching', () => {
  test('merges, removes by null, and derives the text again', async () => {
    await call('PUT', '/memories/p', {
      body: { payload: { text: 'old', a: 1, b: 2 }, tags: ['t'], user_id: 'u' },
    });
    const patch = { payload: { text: 'new', a: null }, user_id: null, occurred_at: '2024-01-01T00:00:00Z' };
    const headers = { 'content-type': 'application/merge-patch+json' };
    const answer = await call('PATCH', '/memories/p', { body: patch, headers });
    expect(answer).toMatchObject({ status: 200, json: { version: 2, status: 'stored' } });
    expect((await call('GET', '/memories/p')).json['memory']).toMatchObject({
      payload: { text: 'new', b: 2 },
      text: 'new',
      tags: ['t'],
      user_id: null,
      occurred_at: '2024-01-01T00:00:00.000Z',
    });
  });

  test('an absent memory is 404, and its operation says the same', async () => {
    const answer = await call('PATCH', '/memories/absent', { body: { text: 'x' } });
    expect(answer).toMatchObject({ status: 404, json: { code: 'memory_not_found' } });
  });

  test('another media type is 415 with Accept-Patch; coord is refused', async () => {
    const typed = await call('PATCH', '/memories/p', {
      body: '[]',
      headers: { 'content-type': 'application/json-patch+json' },
    });
    expect(typed).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    expect(typed.headers.get('accept-patch')).toBe('application/merge-patch+json, application/json');
    const moved = await call('PATCH', '/memories/p', { body: { coord: 'q' } });
    expect(moved).toMatchObject({ status: 400, json: { errors: [{ pointer: '/coord' }] } });
  });
});

describe('deleting', () => {
  test('says whether there was something, and it is gone', async () => {
    await call('PUT', '/memories/d', { body: { text: 'x' } });
    const first = await call('DELETE', '/memories/d');
    expect(first).toMatchObject({
      status: 200,
      json: { deleted: true, status: 'stored', version: 2, ok: true },
    });
    expect(first.headers.get('etag')).toBeNull();
    expect((await call('DELETE', '/memories/d')).json).toMatchObject({ deleted: false, version: null });
    expect(await call('GET', '/memories/d')).toMatchObject({
      status: 404,
      json: { code: 'memory_not_found' },
    });
  });
});

describe('reading', () => {
  test('HEAD has the headers of GET and no body', async () => {
    await call('PUT', '/memories/h', { body: { text: 'x' } });
    const get = await call('GET', '/memories/h', { headers: { 'accept-encoding': 'identity' } });
    const head = await call('HEAD', '/memories/h', { headers: { 'accept-encoding': 'identity' } });
    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of ['etag', 'content-type', 'content-length'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
  });

  test('If-None-Match is 304 while nothing changed', async () => {
    const written = await call('PUT', '/memories/e', { body: { text: 'x' } });
    const etag = String(written.headers.get('etag'));
    expect(await call('GET', '/memories/e', { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 304,
      text: '',
    });
    await call('PUT', '/memories/e', { body: { text: 'y' } });
    expect((await call('GET', '/memories/e', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('several at once come by position', async () => {
    await call('PUT', '/memories/1,2', { body: { text: 'x' } });
    const answer = await call('POST', '/memories/get', { body: { coords: ['nowhere', '1.0,2'] } });
    expect(answer).toMatchObject({ status: 200, json: { memories: [null, { coord: '1,2' }] } });
    expect((await call('POST', '/memories/get', { body: { coords: [] } })).json).toEqual({ memories: [] });
    const bad = await call('POST', '/memories/get', { body: { coords: ['1,,2'] } });
    expect(bad).toMatchObject({ status: 400, json: { code: 'invalid_coord' } });
  });

  test('a consistency token and a wait reach the reading side', async () => {
    const written = await call('PUT', '/memories/token', { body: { text: 'x' } });
    const token = String(written.headers.get('soma-consistency-token'));
    await call('GET', '/memories/token', { headers: { 'soma-consistency-token': token, prefer: 'wait=1' } });
    const { options } = running.reads.asked.at(-1) ?? { options: undefined };
    expect(options).toMatchObject({
      waitMs: 1000,
      after: { generation: 1, positions: { 'memory.commands': { 0: expect.any(Number) } } },
    });
  });

  test('a long answer comes as gzip to who accepts it', async () => {
    await call('PUT', '/memories/long', { body: { text: 'long '.repeat(1000) } });
    const answer = await call('GET', '/memories/long', { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.json['memory']).toMatchObject({ text: 'long '.repeat(1000) });
  });
});
