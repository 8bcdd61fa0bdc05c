import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Client, target } from './client.js';
import { expectProblem } from './expect-problem.js';
import { rawRequest } from './raw-request.js';

describe('who may', () => {
  test('without a token 401, and the challenge has no error', async () => {
    const answer = await new Client().get('m', { Authorization: null });
    expectProblem(answer, 401, 'missing_token');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer(?!.*error=)/);
  });

  test.each(['Bearer wrong', 'Bearer ', 'Basic dXNlcjpwYXNz', 'bearer'])('%j is 401', async (value) => {
    const answer = await new Client().get('m', { Authorization: value });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('a wrong token is named as such', async () => {
    const answer = await new Client().get('m', { Authorization: 'Bearer wrong' });
    expectProblem(answer, 401, 'invalid_token');
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('the scheme counts no case', async () => {
    const answer = await new Client().get('m', { Authorization: `bEARER ${target().token}` });
    expectProblem(answer, 404, 'memory_not_found');
  });

  test('a token in the URL is refused and not repeated', async () => {
    const path = `/memories/m?access_token=${target().token}`;
    const answer = await new Client().call('GET', path, { headers: { Authorization: null } });
    expect([400, 401]).toContain(answer.status);
    expect(answer.text).not.toContain(target().token);
  });

  test.each([
    'GET /memories/m',
    'POST /memories',
    'POST /memories/search',
    'GET /graph/neighbors?coord=a',
    'GET /operations/x',
  ])('%s needs the token before it looks at anything else', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const options = { headers: { Authorization: null }, ...(method === 'POST' ? { raw: 'not json' } : {}) };
    expectProblem(await new Client().call(method, path, options), 401, 'missing_token');
  });
});

describe('routes', () => {
  test.each([
    '/nothing',
    '/memories/a/b',
    '/Memories/a',
    '/memories/a/',
    '/PING',
    '/operations',
    '/graph',
    '/../etc/passwd',
  ])('%s is 404', async (path) => {
    expectProblem(await rawRequest({ path }), 404, 'route_not_found');
  });

  test.each<[string, string, string[]]>([
    ['POST', '/memories/m', ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
    ['DELETE', '/memories', ['POST']],
    ['PUT', '/memories/batch', ['POST']],
    ['DELETE', '/memories/search', ['GET', 'HEAD', 'POST']],
    ['PUT', '/graph/links', ['DELETE', 'POST']],
    ['POST', '/graph/path', ['GET', 'HEAD']],
    ['DELETE', '/operations/0190b5a0-0000-7000-8000-000000000000', ['GET', 'HEAD']],
    ['POST', '/ping', ['GET', 'HEAD']],
    ['DELETE', '/metrics', ['GET', 'HEAD']],
  ])('%s %s is 405 with Allow', async (method, path, allowed) => {
    const answer = await new Client().call(method, path);
    expectProblem(answer, 405, 'method_not_allowed');
    const allow = (answer.headers.get('allow') ?? '').split(/, */).filter((name) => name !== 'OPTIONS');
    expect(allow).toEqual(expect.arrayContaining(allowed));
    expect(allow).not.toContain(method);
  });

  test('HEAD is GET without the body', async () => {
    const client = new Client();
    await client.put('m', { payload: { text: 'x' } });
    const got = await client.get('m');
    const head = await client.call('HEAD', '/memories/m');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('etag')).toBe(got.headers.get('etag'));
    expect((await client.call('HEAD', '/memories/none')).status).toBe(404);
    expect((await client.call('HEAD', '/ping')).status).toBe(200);
  });

  test('an unknown query parameter is refused', async () => {
    const client = new Client();
    expectProblem(
      await client.put('m', { payload: {} }, { query: '?untill=indexed' }),
      400,
      'invalid_request',
    );
    expectProblem(await client.call('GET', '/memories/m?fields=coord'), 400, 'invalid_request');
  });
});

describe('media types', () => {
  test.each([null, 'text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
    '%j is 415',
    async (type) => {
      const raw = new Uint8Array(Buffer.from('{"payload": {}}'));
      const answer = await new Client().call('PUT', '/memories/m', {
        raw,
        headers: { 'Content-Type': type },
      });
      expectProblem(answer, 415, 'unsupported_media_type');
    },
  );

  test('parameters of application/json are no matter', async () => {
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    expect((await new Client().put('m', { payload: {} }, { headers })).status).toBe(201);
  });

  test('an Accept that JSON cannot satisfy is 406', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    expectProblem(await client.get('m', { Accept: 'image/png' }), 406, 'not_acceptable');
    expect((await client.get('m', { Accept: 'application/*' })).status).toBe(200);
  });

  test('gzip is taken, another coding is 415, broken gzip is 400', async () => {
    const client = new Client();
    const raw = new Uint8Array(gzipSync('{"payload": {"text": "squeezed"}}'));
    const send = (bytes: Uint8Array<ArrayBuffer>, coding: string) =>
      client.call('PUT', '/memories/m', {
        raw: bytes,
        headers: { 'Content-Type': 'application/json', 'Content-Encoding': coding },
      });
    expect((await send(raw, 'gzip')).status).toBe(201);
    expectProblem(await send(raw, 'br'), 415, 'unsupported_media_type');
    expectProblem(await send(raw.slice(0, 20), 'gzip'), 400, 'invalid_request');
  });

  test('limits hold after inflation', async () => {
    const raw = new Uint8Array(gzipSync(`{"payload": {"a": "${'x'.repeat(4 * 1024 * 1024)}"}}`));
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const answer = await new Client().call('PUT', '/memories/m', { raw, headers });
    expectProblem(answer, 413, 'payload_too_large');
  });

  test('a large answer is gzipped for those who accept it', async () => {
    const client = new Client();
    await client.put('m', { payload: { text: 'word '.repeat(1000) } });
    const headers = ['Soma-Namespace', client.namespace, 'Accept-Encoding', 'gzip'];
    const answer = await rawRequest({ path: '/memories/m', headers });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(answer.bytes).toString()).toContain('word word');
  });
});

describe('headers', () => {
  test('every answer carries the safe ones', async () => {
    const client = new Client();
    for (const answer of [
      await client.put('m', { payload: {} }),
      await client.get('m'),
      await client.get('none'),
    ]) {
      expect(answer.headers.get('cache-control')).toMatch(/private, no-cache|no-store/);
      expect(answer.headers.get('vary')).toBeTruthy();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('x-request-id')).toBeTruthy();
      expect(answer.headers.get('x-powered-by')).toBeNull();
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('a header with one value given twice is refused', async () => {
    const headers = ['Soma-Namespace', 'one', 'Soma-Namespace', 'two'];
    expectProblem(await rawRequest({ path: '/memories/m', headers }), 400, 'invalid_request');
  });

  test('on loopback a foreign Host or Origin is refused', async () => {
    const byHost = await rawRequest({ path: '/memories/m', headers: ['Host', 'evil.example'] });
    expectProblem(byHost, 403, 'forbidden');
    const byOrigin = await rawRequest({ path: '/memories/m', headers: ['Origin', 'https://evil.example'] });
    expectProblem(byOrigin, 403, 'forbidden');
    const { port } = new URL(target().url);
    const local = await rawRequest({ path: '/ping', headers: ['Host', `localhost:${port}`] });
    expect(local.status).toBe(200);
  });
});
