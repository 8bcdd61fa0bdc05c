import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@soma/testing';
import { newToken } from '../test/new-token.js';
import { startGateway, TOKEN, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway({ SOMA_MAX_TOKENS: '20', SOMA_RATE_ADMIN: '10000' });
  call = running.call;
});
afterAll(() => running.stop());

const NEW = { description: 'an agent', role: 'writer', namespaces: ['team'] };
const read = (token: string) =>
  call('GET', '/memories/none', { token, headers: { 'soma-namespace': 'team' } });
const post = (target: string, body?: unknown) => call('POST', target, body === undefined ? {} : { body });

describe('making a token', () => {
  test('shows the secret once, not to be kept by anybody between', async () => {
    const made = await post('/admin/tokens', { ...NEW, user_id: 'ann', rates: { read: 5 } });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const { token, secret } = made.json as { token: { token_id: string }; secret: string };
    expect(secret).toMatch(/^soma_[\w-]{43}$/);
    expect(token).toMatchObject({
      ...NEW,
      user_id: 'ann',
      rates: { read: 5 },
      expires_at: null,
      created_by: 'api-token',
      revoked_at: null,
    });
    expect(made.headers.get('location')).toBe(`/admin/tokens/${token.token_id}`);
    expect((await read(secret)).status).toBe(404);
    const shown = [
      await call('GET', '/admin/tokens'),
      await call('GET', `/admin/tokens/${token.token_id}`),
      await call('GET', '/admin/audit'),
    ];
    for (const { status, text } of shown) {
      expect(status).toBe(200);
      expect(text).not.toContain(secret);
    }
    expect(running.lines.join('')).not.toContain(secret);
  });

  test.each<[string, object]>([
    ['no namespaces', { ...NEW, namespaces: [] }],
    ['no word of namespaces', { description: 'x', role: 'reader' }],
    ['a namespace that is none', { ...NEW, namespaces: ['Team'] }],
    ['all beside one', { ...NEW, namespaces: ['*', 'team'] }],
    ['another role', { ...NEW, role: 'owner' }],
    ['an empty user', { ...NEW, user_id: '' }],
    ['a user with U+0000', { ...NEW, user_id: 'a\u0000' }],
    ['a rate of nothing', { ...NEW, rates: { read: 0 } }],
    ['an unknown class of rates', { ...NEW, rates: { fly: 1 } }],
    ['two ends', { ...NEW, ttl_seconds: 5, expires_at: '2999-01-01T00:00:00Z' }],
    ['a secret of its own', { ...NEW, secret: 'mine' }],
  ])('with %s is 400 and makes nothing', async (_, body) => {
    const before = (await call('GET', '/admin/tokens?ended=true&limit=200')).text;
    expect(await post('/admin/tokens', body)).toMatchObject({
      status: 400,
      json: { code: 'invalid_request' },
    });
    expect((await call('GET', '/admin/tokens?ended=true&limit=200')).text).toBe(before);
  });

  test('is refused when there are as many as may be', async () => {
    const other = await startGateway({ SOMA_MAX_TOKENS: '1' });
    const { token_id } = await newToken(other);
    const again = () => other.call('POST', '/admin/tokens', { body: NEW });
    expect(await again()).toMatchObject({ status: 403, json: { code: 'quota_exceeded' } });
    await other.call('POST', `/admin/tokens/${token_id}/revoke`);
    expect((await again()).status).toBe(201);
    await other.stop();
  });
});

describe('a token', () => {
  test('that is rotated opens with both secrets until the overlap is over', async () => {
    const { secret, token_id } = await newToken(running);
    const rotated = await post(`/admin/tokens/${token_id}/rotate`, { overlap_seconds: 60 });
    expect(rotated).toMatchObject({
      status: 200,
      json: { token: { token_id, rotated_at: expect.any(String) } },
    });
    const next = rotated.json['secret'] as string;
    expect(next).not.toBe(secret);
    expect([(await read(secret)).status, (await read(next)).status]).toEqual([404, 404]);
    const last = await post(`/admin/tokens/${token_id}/rotate`, { overlap_seconds: 0 });
    const statuses = [secret, next, last.json['secret'] as string].map(
      async (one) => (await read(one)).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 401, 404]);
  });

  test('keeps its idempotency keys when it is rotated', async () => {
    const { secret, token_id } = await newToken(running);
    const write = (token: string) =>
      call('PUT', '/memories/kept', { token, body: { text: 'x' }, headers: { 'idempotency-key': 'k' } });
    const first = await write(secret);
    const rotated = await post(`/admin/tokens/${token_id}/rotate`, {});
    const again = await write(rotated.json['secret'] as string);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.json).toEqual(first.json);
  });

  test('that is revoked opens nothing, stays revoked, and is listed only when asked for', async () => {
    const { secret, token_id } = await newToken(running);
    const revoked = await post(`/admin/tokens/${token_id}/revoke`);
    expect(revoked).toMatchObject({ status: 200, json: { token: { revoked_by: 'api-token' } } });
    expect(await read(secret)).toMatchObject({ status: 401, json: { code: 'invalid_token' } });
    expect((await post(`/admin/tokens/${token_id}/revoke`)).json).toEqual(revoked.json);
    expect((await call('GET', '/admin/tokens')).text).not.toContain(token_id);
    expect((await call('GET', '/admin/tokens?ended=true')).text).toContain(token_id);
    expect(await post(`/admin/tokens/${token_id}/rotate`, {})).toMatchObject({
      status: 404,
      json: { code: 'token_not_found' },
    });
  });

  test('that has expired is 401, and says so', async () => {
    const made = await post('/admin/tokens', { ...NEW, expires_at: '2001-01-01T00:00:00Z' });
    expect((await read(made.json['secret'] as string)).status).toBe(401);
  });

  test.each(['nonsense', '00000000-0000-7000-8000-000000000000'])('of id %s is not found', async (id) => {
    for (const answer of [
      await call('GET', `/admin/tokens/${id}`),
      await post(`/admin/tokens/${id}/rotate`, {}),
      await post(`/admin/tokens/${id}/revoke`),
    ]) {
      expect(answer).toMatchObject({ status: 404, json: { code: 'token_not_found' } });
    }
  });
});

describe('the list of tokens', () => {
  test('comes in pages, each token once', async () => {
    const ids = new Set<string>();
    let cursor = '';
    for (;;) {
      const page = await call('GET', `/admin/tokens?ended=true&limit=3${cursor}`);
      const tokens = page.json['tokens'] as { token_id: string }[];
      for (const { token_id } of tokens) ids.add(token_id);
      const next = page.json['next_cursor'];
      if (next === null) break;
      expect(tokens).toHaveLength(3);
      cursor = `&cursor=${next as string}`;
    }
    const whole = (await call('GET', '/admin/tokens?ended=true&limit=200')).json['tokens'] as unknown[];
    expect(ids.size).toBe(whole.length);
  });

  test('a cursor of another list is refused', async () => {
    const { json } = await call('GET', '/admin/tokens?ended=true&limit=1');
    for (const cursor of [json['next_cursor'] as string, 'x', Buffer.from('0.x').toString('base64url')]) {
      const answer = await call('GET', `/admin/tokens?limit=1&cursor=${cursor}`);
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_cursor' } });
    }
  });
});

test('while the store is out the token of the setting goes on, and a new one is 503', async () => {
  const other = await startGateway();
  const { secret } = await newToken(other);
  other.tokens.down = true;
  expect((await other.call('GET', '/memories/none', { token: TOKEN })).status).toBe(404);
  expect((await other.call('GET', '/memories/none', { token: secret })).status).toBe(404);
  expect(await other.call('POST', '/admin/tokens', { body: NEW })).toMatchObject({ status: 503 });
  await other.stop();
});

test('while tokens cannot be known they are 503, and count as no failed attempts of their address', async () => {
  const other = await startGateway({ SOMA_RATE_PUBLIC: '2', SOMA_TOKEN_MAX_AGE: '1' });
  const { secret } = await newToken(other);
  other.tokens.down = true;
  const read = () => other.call('GET', '/memories/none', { token: secret });
  await eventually(async () => {
    expect((await read()).status).toBe(503);
  });
  for (let count = 0; count < 5; count += 1) {
    const answer = await read();
    expect(answer).toMatchObject({ status: 503, json: { code: 'auth_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  await other.stop();
});
