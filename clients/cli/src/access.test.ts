import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type TinyService } from './test/tiny-service.js';
import { type } from './test/typed-line.js';

let service: TinyService;
beforeEach(async () => {
  service = await startTinyService();
});
afterEach(() => service.close());

function soma(...line: string[]) {
  return type(line, { env: { SOMA_URL: service.url, SOMA_API_TOKEN: 't' } });
}

const token = {
  token_id: 'id-1',
  description: 'an agent',
  role: 'writer',
  namespaces: ['team'],
  user_id: 'ann',
  rates: { read: 5 },
  expires_at: null,
  created_at: '2026-01-01T00:00:00Z',
  created_by: 'api-token',
  rotated_at: null,
  revoked_at: null,
};

describe('tokens', () => {
  test('create sends what the line says and prints the secret as its last line', async () => {
    service.on('POST /admin/tokens', { status: 201, body: { token, secret: 'soma_secret' } });
    const line = [
      '--namespaces',
      'team, other',
      '--user-id',
      'ann',
      '--ttl',
      '60',
      '--rate',
      'read=5',
      '--rate',
      'search=1',
    ];
    const { exitCode, out, notes } = await soma('tokens', 'create', 'an agent', ...line);
    expect(exitCode).toBe(0);
    expect(out.split('\n').at(-1)).toBe('soma_secret');
    expect(out).toMatch(/rates +read 5\/s/);
    expect(notes).toContain('never again');
    expect(service.asked[0]?.body).toEqual({
      description: 'an agent',
      role: 'writer',
      namespaces: ['team', 'other'],
      user_id: 'ann',
      ttl_seconds: 60,
      rates: { read: 5, search: 1 },
    });
  });

  test.each([
    [['tokens', 'create', 'x']],
    [['tokens', 'create', 'x', '--namespaces', 'a', '--role', 'owner']],
    [['tokens', 'create', 'x', '--namespaces', 'a', '--rate', 'fly=1']],
    [['tokens', 'create', 'x', '--namespaces', 'a', '--rate', 'read=0']],
    [['tokens', 'rotate', 'id', '--overlap', '-1']],
    [['tokens', 'rotate', 'id', '--overlap', '1.5']],
  ])('%j is refused before anything is sent', async (line) => {
    expect((await soma(...line)).exitCode).toBe(2);
    expect(service.asked).toEqual([]);
  });

  test('list shows ended ones when asked to, and how to go on', async () => {
    const revoked = { ...token, revoked_at: '2026-02-01T00:00:00Z' };
    service.on('GET /admin/tokens', { body: { tokens: [revoked], next_cursor: 'next' } });
    const { out } = await soma('tokens', 'list', '--ended');
    expect(out).toMatch(/id-1.*an agent.*writer.*team.*ann.*revoked 2026-02-01/);
    expect(out).toContain('--cursor next');
    expect(service.asked[0]?.line).toBe('GET /admin/tokens?ended=true&limit=50');
  });

  test('rotate prints the new secret; the overlap is a day unless told otherwise', async () => {
    service.on('POST /admin/tokens/id-1/rotate', { body: { token, secret: 'soma_next' } });
    expect((await soma('tokens', 'rotate', 'id-1')).out).toContain('soma_next');
    await soma('tokens', 'rotate', 'id-1', '--overlap', '0');
    expect(service.asked.map(({ body }) => body)).toEqual([
      { overlap_seconds: 86_400 },
      { overlap_seconds: 0 },
    ]);
  });

  test('revoke does all it can and ends with 1 when one was refused', async () => {
    service.on('POST /admin/tokens/id-1/', {
      body: { token: { ...token, revoked_at: '2026-02-01T00:00:00Z' } },
    });
    service.on('POST /admin/tokens/id-2/', {
      status: 404,
      body: { code: 'token_not_found', detail: 'none' },
    });
    const { exitCode, out, notes } = await soma('tokens', 'revoke', 'id-2', 'id-1');
    expect([exitCode, out]).toEqual([1, 'id-1 revoked 2026-02-01T00:00:00Z']);
    expect(notes).toContain('token id-2: token_not_found');
  });
});

test('audit shows who did what on what, from where, and how it ended', async () => {
  const act = {
    id: 1,
    at: '2026-01-01T00:00:00Z',
    request_id: 'r',
    subject: 'token:id-1',
    action: 'revokeToken',
    address: '192.0.2.7',
    namespace: null,
    target: 'id-2',
    status: 404,
    code: 'token_not_found',
  };
  const cut = { ...act, id: 2, status: null, code: null };
  service.on('GET /admin/audit', { body: { acts: [act, cut], next_cursor: null } });
  const { out } = await soma('audit', '--subject', 'token:id-1', '--since', '2026-01-01T00:00:00Z');
  expect(out).toMatch(/token:id-1.*revokeToken.*id-2.*192\.0\.2\.7.*404 token_not_found/);
  expect(out).toContain('unknown');
  expect(service.asked[0]?.line).toBe(
    'GET /admin/audit?limit=50&subject=token%3Aid-1&since=2026-01-01T00%3A00%3A00Z',
  );
});

test('quotas are listed, shown, set and removed', async () => {
  const quota = { namespace: 'team', memories: { limit: 10, used: 3 }, bytes: { limit: null, used: 99 } };
  service.on('GET /admin/quotas', { body: { quotas: [quota], next_cursor: null } });
  for (const method of ['GET', 'PUT', 'DELETE'])
    service.on(`${method} /admin/quotas/team`, { body: { quota } });
  expect((await soma('quotas', 'list')).exitCode).toBe(0);
  await soma('quotas', 'set', 'team', '--memories', '10', '--bytes', '0');
  await soma('quotas', 'remove', 'team');
  expect(service.asked).toMatchObject([
    { line: 'GET /admin/quotas?limit=50' },
    { line: 'PUT /admin/quotas/team', body: { memories: 10, bytes: 0 } },
    { line: 'DELETE /admin/quotas/team' },
  ]);
});
