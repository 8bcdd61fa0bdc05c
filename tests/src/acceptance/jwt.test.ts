import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { until } from '../system/index.js';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';
import { AUDIENCE, ISSUER, startJwtIssuer, type JwtIssuer } from './jwt-issuer.js';
import { startLimitedSystem } from './limited-system.js';

let issuer: JwtIssuer;
let system: Awaited<ReturnType<typeof startLimitedSystem>>;
beforeAll(async () => {
  issuer = await startJwtIssuer();
  system = await startLimitedSystem({
    SOMA_JWT_JWKS_URL: issuer.url,
    SOMA_JWT_ALGORITHMS: 'ES256',
    SOMA_JWT_ISSUER: ISSUER,
    SOMA_JWT_AUDIENCE: AUDIENCE,
    SOMA_JWT_USER_CLAIM: 'user',
    SOMA_JWT_KEYS_MAX_AGE: '10',
  });
});
afterAll(async () => {
  await system.stop();
  await issuer.stop();
});

const { namespace } = new Client();
const GRANT = { soma_namespaces: [namespace], soma_role: 'writer', user: 'ann' };
const clientOf = (token: string) => new Client({ namespace, target: { url: system.target.url, token } });
const holding = (claims: JsonObject = {}) => clientOf(issuer.sign({ ...GRANT, ...claims }));

describe('a JWT', () => {
  test('opens its namespaces by its role, bound to its user', async () => {
    expect((await holding().put('m', { payload: { text: 'x' } })).status).toBe(201);
    expect((await holding().get('m')).body.memory.user_id).toBe('ann');
    expectProblem(await holding({ user: 'bob' }).get('m'), 404, 'memory_not_found');
    expect((await holding({ user: null, soma_role: 'reader' }).get('m')).status).toBe(200);
    expectProblem(await holding({ soma_role: 'reader' }).delete('m'), 403, 'forbidden');
    expectProblem(await holding({ soma_namespaces: ['another'] }).get('m'), 403, 'forbidden');
  });

  test('without the claim of namespaces enters none', async () => {
    const { soma_role, user } = GRANT;
    const client = clientOf(issuer.sign({ soma_role, user }));
    expectProblem(await client.get('m'), 403, 'forbidden');
    expectProblem(await client.get('m', { 'Soma-Namespace': null }), 403, 'forbidden');
  });

  test.each<[string, () => string]>([
    ['expired', () => issuer.sign(GRANT, { ttl: -60 })],
    ['for somebody else', () => issuer.sign({ ...GRANT, aud: 'other' })],
    ['of another issuer', () => issuer.sign({ ...GRANT, iss: 'https://evil.test/' })],
    ['of another algorithm', () => issuer.sign(GRANT, { alg: 'ES384' })],
    ['unsigned', () => issuer.sign(GRANT, { alg: 'none' }).replace(/\.[^.]+$/, '.AA')],
    ['without its user', () => issuer.sign({ soma_namespaces: [namespace] })],
  ])('that is %s is refused', async (_, sign) => {
    const refused = await clientOf(sign()).get('m');
    expectProblem(refused, 401, 'invalid_token');
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });
});

describe('keys', () => {
  test('change without a restart, and both count', async () => {
    const former = holding();
    issuer.rotate();
    const next = holding();
    await until('the new key to be known', 15_000, async () => (await next.get('none')).status === 404);
    expect((await former.get('none')).status).toBe(404);
  });

  test('go on while their URL is out, until they are too old: then 503, and other tokens go on', async () => {
    const client = holding();
    expect((await client.get('none')).status).toBe(404);
    issuer.out = true;
    expect((await client.get('none')).status).toBe(404);
    await until('the keys to be too old', 20_000, async () => (await client.get('none')).status === 503);
    const refused = await client.get('none');
    expectProblem(refused, 503, 'auth_unavailable');
    expect(refused.headers.get('retry-after')).toBeTruthy();
    expect((await clientOf(system.target.token).get('none')).status).toBe(404);
    issuer.out = false;
    await until('the keys to be read again', 20_000, async () => (await client.get('none')).status === 404);
  });
});
