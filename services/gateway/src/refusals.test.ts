import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { startGateway, TOKEN, type RunningGateway } from './test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway({ SOMA_MAX_HEADERS: '40', SOMA_MAX_URI_BYTES: '2000' });
  call = running.call;
});
afterAll(() => running.stop());

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('problems', () => {
  test('are RFC 9457 documents that name the request', async () => {
    const answer = await call('GET', '/memories/nowhere');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const id = String(answer.headers.get('x-request-id'));
    expect(id).toMatch(UUID);
    expect(answer.json).toEqual({
      type: '/docs#memory_not_found',
      title: expect.any(String),
      status: 404,
      detail: expect.any(String),
      code: 'memory_not_found',
      instance: `urn:uuid:${id}`,
    });
  });

  test("a caller's own request id is kept when it is a UUID", async () => {
    const id = '018f0000-0000-7000-8000-0000000000aa';
    expect(
      (await call('GET', '/ping', { headers: { 'x-request-id': id } })).headers.get('x-request-id'),
    ).toBe(id);
    const made = await call('GET', '/ping', { headers: { 'x-request-id': '<script>' } });
    expect(made.headers.get('x-request-id')).toMatch(UUID);
  });

  test('are logged in one line without token, payload or query', async () => {
    await call('POST', '/memories?until=never&marker=in-the-query', {
      body: { payload: { secret: 'in-the-payload' }, txet: 1 },
    });
    const line = running.lines.find((text) => text.includes('"route":"/memories"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      code: 'invalid_request',
      status: 400,
      method: 'POST',
      route: '/memories',
    });
    const all = running.lines.join('');
    for (const secret of [TOKEN, 'in-the-payload', 'in-the-query']) expect(all).not.toContain(secret);
  });
});

describe('who may', () => {
  test('no token is 401 missing_token', async () => {
    for (const headers of [
      {},
      { authorization: 'Basic dXNlcjpwdw==' },
      { authorization: 'Bearer' },
      { authorization: TOKEN },
    ]) {
      const answer = await call('GET', '/memories/a', { anonymous: true, headers });
      expect(answer).toMatchObject({ status: 401, json: { code: 'missing_token' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('a wrong token is 401 invalid_token', async () => {
    for (const token of ['wrong', `${TOKEN}x`, TOKEN.slice(0, -1)]) {
      const answer = await call('GET', '/memories/a', {
        anonymous: true,
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer).toMatchObject({ status: 401, json: { code: 'invalid_token' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
  });

  test('the scheme is spelled in any case', async () => {
    const answer = await call('GET', '/memories/a', {
      anonymous: true,
      headers: { authorization: `bearer ${TOKEN}` },
    });
    expect(answer.status).toBe(404);
  });

  test('a token in the URL is refused', async () => {
    const answer = await call('GET', `/memories/a?access_token=${TOKEN}`, { anonymous: true });
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ parameter: 'access_token' }] },
    });
    expect(answer.text).not.toContain(TOKEN);
  });

  test('a foreign Origin is 403 on loopback, a loopback one is not', async () => {
    const foreign = await call('GET', '/ping', { headers: { origin: 'https://evil.test' } });
    expect(foreign).toMatchObject({
      status: 403,
      json: { code: 'forbidden', errors: [{ header: 'Origin' }] },
    });
    expect((await call('GET', '/ping', { headers: { origin: 'null' } })).status).toBe(403);
    expect((await call('GET', '/ping', { headers: { origin: 'http://localhost:3000' } })).status).toBe(200);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('where', () => {
  test('a misspelled Soma header, or a namespace that is none, is 400', async () => {
    const misspelled = await call('GET', '/memories/a', { headers: { 'soma-namepsace': 'x' } });
    expect(misspelled).toMatchObject({ status: 400, json: { errors: [{ header: 'soma-namepsace' }] } });
    for (const namespace of ['Upper', '', '-a', 'a'.repeat(64), 'a b']) {
      const answer = await call('GET', '/memories/a', { headers: { 'soma-namespace': namespace } });
      expect(answer).toMatchObject({ status: 400, json: { errors: [{ header: 'Soma-Namespace' }] } });
    }
  });

  test('a consistency token of another namespace is 400', async () => {
    const written = await call('PUT', '/memories/a', { body: { text: 'x' } });
    const token = String(written.headers.get('soma-consistency-token'));
    for (const [value, namespace] of [
      [token, 'other'],
      ['nonsense', 'default'],
    ] as const) {
      const headers = { 'soma-consistency-token': value, 'soma-namespace': namespace };
      expect(await call('GET', '/memories/a', { headers })).toMatchObject({
        status: 400,
        json: { code: 'invalid_consistency_token' },
      });
    }
  });

  test.each(['/nothing', '/Memories', '/memories/', '/memories/a/b', '/docs/', '//'])(
    '%s is 404 route_not_found',
    async (target) => {
      expect(await call('GET', target)).toMatchObject({ status: 404, json: { code: 'route_not_found' } });
    },
  );

  test.each([
    ['DELETE', '/memories', 'POST, GET, HEAD'],
    ['PUT', '/memories/count', 'POST'],
    ['DELETE', '/memories/range', 'GET, HEAD'],
    ['PUT', '/memories/batch', 'POST'],
    ['GET', '/memories/messages', 'POST'],
    ['POST', '/memories/a', 'PUT, PATCH, DELETE, GET, HEAD'],
    ['OPTIONS', '/ping', 'GET, HEAD'],
    ['POST', '/ping', 'GET, HEAD'],
  ])('%s %s is 405 with Allow', async (method, target, allow) => {
    const answer = await call(method, target, { body: method === 'POST' ? {} : undefined });
    expect(answer).toMatchObject({ status: 405, json: { code: 'method_not_allowed' } });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test.each(['1,,2', 'search%20', '%2E%2E%2Fetc', 'a%2Fb', '.hidden', 'x'.repeat(201), '1e3,2'])(
    'the coord %s is 400 invalid_coord',
    async (coord) => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const body = method === 'PUT' ? { text: 'x' } : undefined;
        expect(await call(method, `/memories/${coord}`, { body })).toMatchObject({
          status: 400,
          json: { code: 'invalid_coord' },
        });
      }
    },
  );

  test('escapes that are not UTF-8 are 400, in the path and in the query', async () => {
    expect(await call('GET', '/memories/%FF')).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
    expect(await call('GET', '/memories/a?x=%FF')).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });

  test('a target that is too long is 414, too many headers are 431', async () => {
    expect(await call('GET', `/memories/search?query=${'x'.repeat(2000)}`)).toMatchObject({
      status: 414,
      json: { code: 'uri_too_long' },
    });
    const headers = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, '1']));
    expect(await call('GET', '/ping', { headers })).toMatchObject({
      status: 431,
      json: { code: 'headers_too_large' },
    });
  });

  test('an Accept without JSON is 406', async () => {
    expect(await call('GET', '/memories/a', { headers: { accept: 'text/csv' } })).toMatchObject({
      status: 406,
      json: { code: 'not_acceptable' },
    });
    expect((await call('GET', '/ping', { headers: { accept: 'application/*;q=0.5' } })).status).toBe(200);
  });
});

describe('what', () => {
  const pointersOf = (json: Record<string, unknown>) =>
    (json['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);

  test.each([
    [{ payload: {}, unknown: 1 }, ['/unknown']],
    [{}, ['/payload']],
    [{ payload: [] }, ['/payload']],
    [{ payload: 'text' }, ['/payload']],
    [{ text: 'x', memory_type: 'fast' }, ['/memory_type']],
    [{ text: 'x', tags: ['a', 1] }, ['/tags/1']],
    [{ text: 'x', tags: Array.from({ length: 65 }, String) }, ['/tags']],
    [{ text: 'x', user_id: 'x'.repeat(129) }, ['/user_id']],
    [{ text: 'x', importance: 1.1 }, ['/importance']],
    [{ text: 'x', occurred_at: '2024-02-30T00:00:00Z' }, ['/occurred_at']],
    [{ text: 'x', occurred_at: 1704067200 }, ['/occurred_at']],
    [{ text: 'x', expires_at: '2030-01-01T00:00:00Z', ttl_seconds: 5 }, ['/ttl_seconds']],
    [{ text: 'x', ttl_seconds: 0 }, ['/ttl_seconds']],
    [{ text: 'x', user_id: null }, ['/user_id']],
    [{ coord: 42, text: 'x' }, ['/coord']],
    [[], ['']],
    [null, ['']],
  ])('%j is 400 and points at the place', async (body, pointers) => {
    const answer = await call('POST', '/memories', { body: JSON.stringify(body) });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(pointersOf(answer.json)).toEqual(pointers);
  });

  test('__proto__ beside the fields is an unknown field', async () => {
    expect(
      (await call('POST', '/memories', { body: '{"text":"x","__proto__":{"tags":["y"]}}' })).status,
    ).toBe(400);
  });

  test.each([
    '{"text":"x","text":"y"}',
    '{"payload":{"n":9007199254740993}}',
    '{"payload":{"n":1e999}}',
    '{"text":"\\u0000"}',
    '{"text":"\\ud800"}',
    '{"text":',
    ' ',
  ])('the JSON %s is refused', async (body) => {
    expect(await call('POST', '/memories', { body })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });

  test('nesting up to 32 is taken, deeper is refused', async () => {
    const nested = (depth: number) => `{"payload":${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth)}`;
    expect((await call('POST', '/memories', { body: nested(32) })).status).toBe(201);
    expect(await call('POST', '/memories', { body: nested(33) })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
    expect(await call('POST', '/memories', { body: nested(5000) })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
  });

  test('no body is 400; another type, charset or encoding is 415', async () => {
    expect(await call('POST', '/memories')).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/merge-patch+json',
    ]) {
      const answer = await call('POST', '/memories', {
        body: '{"text":"x"}',
        headers: { 'content-type': type },
      });
      expect(answer).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    }
    const encoded = await call('POST', '/memories', {
      body: '{"text":"x"}',
      headers: { 'content-encoding': 'br' },
    });
    expect(encoded).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    expect(
      (
        await call('POST', '/memories', {
          body: '{"text":"x"}',
          headers: { 'content-type': 'Application/JSON; Charset=UTF-8' },
        })
      ).status,
    ).toBe(201);
  });

  test('gzip is taken, and limited by what it inflates to', async () => {
    const zipped = (value: unknown) => ({
      body: gzipSync(JSON.stringify(value)),
      headers: { 'content-encoding': 'gzip' },
    });
    expect((await call('POST', '/memories', zipped({ text: 'x' }))).status).toBe(201);
    const bomb = await call('POST', '/memories', zipped({ text: 'x'.repeat(2_000_000) }));
    expect(bomb).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
    const broken = await call('POST', '/memories', {
      body: Buffer.from('no gzip'),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(broken).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  test('a body over 1 MiB, and a payload over 256 KiB, are 413', async () => {
    const answer = await call('POST', '/memories', { body: { text: 'x'.repeat(1_100_000) } });
    expect(answer).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
    const payload = await call('POST', '/memories', { body: { payload: { x: 'x'.repeat(262_144) } } });
    expect(payload).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
  });

  test.each([
    ['if-match', '3'],
    ['if-none-match', '"3"'],
    ['idempotency-key', 'a b'],
    ['prefer', 'wait=soon'],
  ])('the header %s: %s is 400 and named', async (name, value) => {
    const answer = await call('PUT', '/memories/a', { body: { text: 'x' }, headers: { [name]: value } });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.json['errors']).toLowerCase()).toContain(`"header":"${name}"`);
  });

  test('unknown parameters are 400', async () => {
    for (const target of ['/memories/a?verbose=1', '/ping?x=1', '/operations/x?wait=1']) {
      expect(await call('GET', target)).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    }
    expect((await call('PUT', '/memories/a?until=forever', { body: { text: 'x' } })).json).toMatchObject({
      errors: [{ parameter: 'until' }],
    });
  });
});
