import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../system/index.js';
import type { WriteResult } from './answers.js';
import { Client, target } from './client.js';
import { expectProblem } from './expect-problem.js';
import { granted, type TokenAnswer } from './granted.js';
import { startOwnSystem, type OwnSystem } from './own-system.js';
import { rawRequest } from './raw-request.js';

const operator = new Client();
const post = <T>(path: string, json = {}) => operator.call<T>('POST', path, { json });

describe('a token', () => {
  test('does what its role allows in its namespaces, and nothing else', async () => {
    const { namespace } = new Client();
    const { client: reader } = await granted(namespace, { role: 'reader' });
    const { client: writer } = await granted(namespace);
    const { client: admin } = await granted(namespace, { role: 'admin' });
    expect((await writer.put('m', { payload: {} })).status).toBe(201);
    expect((await reader.get('m')).status).toBe(200);
    expectProblem(await reader.put('m', { payload: {} }), 403, 'forbidden');
    expectProblem(await reader.delete('m'), 403, 'forbidden');
    expectProblem(await writer.delete('m', '?erase=true'), 403, 'forbidden');
    expect((await admin.delete('m', '?erase=true')).status).toBe(200);
    for (const client of [reader, writer, admin]) {
      const elsewhere = { 'Soma-Namespace': 'another' };
      expectProblem(await client.get('m', elsewhere), 403, 'forbidden');
      expectProblem(await client.call('GET', '/admin/tokens'), 403, 'forbidden');
    }
  });

  test('of one namespace need not name it; of several it has to', async () => {
    const { namespace } = new Client();
    const none = { headers: { 'Soma-Namespace': null } };
    const { client: one } = await granted(namespace);
    const written = await one.call<WriteResult>('POST', '/memories', { json: { payload: {} }, ...none });
    expect(written.body.namespace).toBe(namespace);
    const { client: several } = await granted(namespace, { namespaces: [namespace, 'another'] });
    expectProblem(await several.call('GET', '/memories/m', none), 400, 'namespace_required');
  });

  test('that is rotated opens with both secrets, until the overlap is over', async () => {
    const { client, token_id } = await granted(new Client().namespace);
    const rotated = await post<TokenAnswer>(`/admin/tokens/${token_id}/rotate`, { overlap_seconds: 1 });
    const next = { url: target().url, token: rotated.body.secret };
    const renewed = new Client({ namespace: client.namespace, target: next });
    expect((await renewed.get('none')).status).toBe(404);
    expect((await client.get('none')).status).toBe(404);
    await until('the former secret to end', 5_000, async () => (await client.get('none')).status === 401);
    expect((await renewed.get('none')).status).toBe(404);
  });

  test('that is revoked opens nothing more', async () => {
    const { client, token_id } = await granted(new Client().namespace);
    expect((await client.get('none')).status).toBe(404);
    const revoked = await post<TokenAnswer>(`/admin/tokens/${token_id}/revoke`);
    expect(revoked.body.token.revoked_at).not.toBeNull();
    const refused = await client.get('none');
    expectProblem(refused, 401, 'invalid_token');
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  test('that has expired opens nothing', async () => {
    const { client } = await granted(new Client().namespace, { ttl_seconds: 1 });
    expect((await client.get('none')).status).toBe(404);
    await until('the token to expire', 5_000, async () => (await client.get('none')).status === 401);
  });

  test('has its own rates', async () => {
    const { client } = await granted(new Client().namespace, { rates: { search: 1 } });
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.search({ query: 'x' })));
    expect(answers.map(({ status }) => status)).toContain(429);
    for (const { headers } of answers) expect(headers.get('ratelimit-policy')).toBe('"search";q=1;w=1');
    expect((await client.get('none')).headers.get('ratelimit-policy')).toMatch(/^"read";q=(?!1;)/);
  });

  test('is listed without its secret, which nothing shows again', async () => {
    const { secret, token_id } = await granted(new Client().namespace);
    const listed = await operator.call('GET', '/admin/tokens?limit=200');
    const shown = await operator.call('GET', `/admin/tokens/${token_id}`);
    const audited = await operator.call('GET', '/admin/audit?limit=500');
    expect(listed.text).toContain(token_id);
    for (const { text } of [listed, shown, audited]) expect(text).not.toContain(secret);
  });

  test('whose namespaces, role or rates are none is not made', async () => {
    const good = { description: 'x', role: 'reader', namespaces: ['team'] };
    for (const bad of [
      { namespaces: [] },
      { namespaces: ['Team'] },
      { role: 'owner' },
      { rates: { read: 0 } },
    ])
      expectProblem(await post('/admin/tokens', { ...good, ...bad }), 400, 'invalid_request');
  });
});

describe('on loopback', () => {
  const { port } = new URL(target().url);

  // What a page sends whose name was bound to 127.0.0.1 after it was loaded, and what else a name can look like.
  test.each([
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `localhost.evil.example:${port}`,
    `notlocalhost:${port}`,
    '0.0.0.0',
    '[::ffff:7f00:1].evil',
    '169.254.169.254',
  ])('the Host %s is refused, before its token is looked at', async (host) => {
    for (const path of ['/ping', '/memories/m', '/admin/tokens']) {
      expectProblem(await rawRequest({ path, headers: ['Host', host] }), 403, 'forbidden');
      const anonymous = await rawRequest({ path, headers: ['Host', host, 'Authorization', 'Bearer wrong'] });
      expectProblem(anonymous, 403, 'forbidden');
    }
  });

  test.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'null',
    'file://',
    'http://127.0.0.1.evil.example:3000',
  ])('the Origin %s is refused', async (origin) => {
    const sent = { path: '/memories', method: 'POST', headers: ['Origin', origin], body: '{"payload": {}}' };
    expectProblem(await rawRequest(sent), 403, 'forbidden');
  });

  test.each([`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `app.localhost:${port}`])(
    'the Host %s is this machine',
    async (host) => {
      const headers = ['Host', host, 'Origin', `http://${host}`];
      expect((await rawRequest({ path: '/ping', headers })).status).toBe(200);
    },
  );
});

describe('JWTs that are not set up', () => {
  test('are no tokens', async () => {
    const unsigned = ['{"alg":"none"}', '{"sub":"me"}'].map((part) =>
      Buffer.from(part).toString('base64url'),
    );
    const client = new Client({ target: { url: target().url, token: `${unsigned.join('.')}.x` } });
    expectProblem(await client.get('m'), 401, 'invalid_token');
  });
});

describe('an installation that allows one token', () => {
  let own: OwnSystem;
  beforeAll(async () => {
    own = await startOwnSystem({ SOMA_MAX_TOKENS: '1' });
  });
  afterAll(() => own.stop());

  test('makes no second one, until the first has ended', async () => {
    const { namespace } = new Client();
    const { token_id } = await granted(namespace, {}, own.target);
    await expect(granted(namespace, {}, own.target)).rejects.toThrow('403');
    const admin = new Client({ target: own.target });
    await admin.call('POST', `/admin/tokens/${token_id}/revoke`);
    expect((await granted(namespace, {}, own.target)).token_id).not.toBe(token_id);
  });
});
