import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Role } from '@soma/access';
import type { OpenApiDocument } from '../openapi.js';
import { newToken } from '../test/new-token.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

const ROLES: readonly Role[] = ['reader', 'writer', 'admin'];

let running: RunningGateway;
let secrets: Record<string, string>;
let document: OpenApiDocument;
beforeAll(async () => {
  running = await startGateway({ SOMA_RATE_ADMIN: '10000' });
  const made = ROLES.map(async (role) => [role, (await newToken(running, { role })).secret] as const);
  secrets = Object.fromEntries(await Promise.all(made));
  document = (await running.call('GET', '/openapi.json')).json as unknown as OpenApiDocument;
});
afterAll(() => running.stop());

interface Listed {
  method: string;
  path: string;
  role: string | undefined;
  inNamespace: boolean;
}

/** What needs a token, as the document tells it. */
function protectedRoutes(): Listed[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security, parameters }]) => {
      const [needed] = security as { bearer: string[] }[];
      const inNamespace = parameters.some(({ name }) => name === 'Soma-Namespace');
      return needed === undefined ? [] : [{ method, path, role: needed.bearer[0], inNamespace }];
    }),
  );
}

/** With any ids: who may not is told so before anything is looked at. As JSON, what else would never end. */
function send({ method, path }: Listed, token: string, headers: Record<string, string> = {}) {
  const target = path.replaceAll(/\{\w+\}/g, 'x');
  const body = method === 'get' || method === 'delete' ? {} : { body: {} };
  const accept = path === '/events' ? { accept: 'application/json' } : {};
  return running.call(method.toUpperCase(), target, { token, headers: { ...accept, ...headers }, ...body });
}

test('every route asks for its role: each lesser one is 403, before the request is looked at', async () => {
  const refused: string[] = [];
  for (const route of protectedRoutes()) {
    const needed = ROLES.findIndex((role) => role === route.role);
    expect(needed).toBeGreaterThanOrEqual(0);
    for (const [at, role] of ROLES.entries()) {
      const { status, json } = await send(route, secrets[role] ?? '');
      const name = `${role} ${route.method} ${route.path}`;
      if (at < needed) expect([name, status, json['code']]).toEqual([name, 403, 'forbidden']);
      if (at < needed) refused.push(name);
      else if (route.inNamespace) expect([name, status]).not.toEqual([name, 403]);
    }
  }
  expect(refused.length).toBeGreaterThan(20);
});

test('what reaches the whole installation is for tokens of all namespaces', async () => {
  const { secret } = await newToken(running, { role: 'admin', namespaces: ['*'] });
  for (const route of protectedRoutes().filter(
    ({ path, inNamespace }) => path.startsWith('/admin/') && !inNamespace,
  )) {
    const name = `${route.method} ${route.path}`;
    const kept = await send(route, secrets['admin'] ?? '');
    expect([name, kept.status, kept.json['code']]).toEqual([name, 403, 'forbidden']);
    expect([name, (await send(route, secret)).status]).not.toEqual([name, 403]);
  }
});

describe('namespaces', () => {
  const read = (token: string, namespace?: string) =>
    running.call('GET', '/memories/none', {
      token,
      ...(namespace === undefined ? {} : { headers: { 'soma-namespace': namespace } }),
    });

  test('another one than those of the token is 403', async () => {
    expect((await read(secrets['reader'] ?? '', 'team')).status).toBe(404);
    for (const namespace of ['other', 'tea', 'team-2', 'default'])
      expect(await read(secrets['reader'] ?? '', namespace)).toMatchObject({
        status: 403,
        json: { code: 'forbidden' },
      });
  });

  test('the only one need not be named; of several, or all, one has to be', async () => {
    const { secret: several } = await newToken(running, { namespaces: ['a', 'b'] });
    const { secret: all } = await newToken(running, { namespaces: ['*'] });
    expect((await read(secrets['reader'] ?? '')).status).toBe(404);
    for (const token of [several, all]) {
      expect(await read(token)).toMatchObject({
        status: 400,
        json: { code: 'namespace_required', errors: [{ header: 'Soma-Namespace' }] },
      });
      expect((await read(token, 'a')).status).toBe(404);
    }
    expect((await read(several, 'c')).status).toBe(403);
    expect((await read(all, 'c')).status).toBe(404);
  });

  test('a consistency token of another namespace opens nothing', async () => {
    const written = await running.call('PUT', '/memories/m', {
      body: { text: 'x' },
      headers: { 'soma-namespace': 'other' },
    });
    const token = String(written.headers.get('soma-consistency-token'));
    const answer = await running.call('GET', '/memories/m', {
      token: secrets['reader'] ?? '',
      headers: { 'soma-consistency-token': token },
    });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_consistency_token' } });
  });
});

test('a token has its own rates', async () => {
  const { secret } = await newToken(running, { rates: { read: 2 } });
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    const { status, headers } = await running.call('GET', '/memories/none', { token: secret });
    statuses.push(status);
    expect(headers.get('ratelimit-policy')).toBe('"read";q=2;w=1');
  }
  expect(statuses).toEqual([404, 404, 429, 429]);
});
