import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@soma/testing';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { AUDIENCE, ISSUER, JwtIssuer } from '../test/jwt-issuer.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

const SETTINGS = {
  SOMA_JWT_ALGORITHMS: 'ES256,RS256',
  SOMA_JWT_ISSUER: ISSUER,
  SOMA_JWT_AUDIENCE: AUDIENCE,
};
const TEAM = { soma_namespaces: ['team'], soma_role: 'writer' };

let issuer: JwtIssuer;
let running: RunningGateway;
beforeAll(async () => {
  issuer = await JwtIssuer.start();
  running = await startGateway({ ...SETTINGS, SOMA_JWT_JWKS_URL: issuer.url });
});
afterAll(async () => {
  await running.stop();
  await issuer.stop();
});

const read = (token: string, at = running, namespace = 'team') =>
  at.call('GET', '/memories/none', { token, headers: { 'soma-namespace': namespace } });
const expectInvalid = async (token: string) => {
  const answer = await read(token);
  expect(answer).toMatchObject({ status: 401, json: { code: 'invalid_token' } });
  expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  return answer.json['detail'] as string;
};

describe('a JWT', () => {
  test('opens what its claims say, and is written down by its subject', async () => {
    const token = await issuer.sign({ ...TEAM, sub: 'agent/7' });
    expect((await read(token)).status).toBe(404);
    expect((await read(token, running, 'other')).status).toBe(403);
    await running.call('PUT', '/memories/m', { token, body: { text: 'x' } });
    expect(running.log.taken.at(-1)).toMatchObject({ command: { issuer: 'jwt:agent%2F7' } });
  });

  test.each<[string, JWTPayload, number]>([
    ['no claim of namespaces', {}, 403],
    ['an empty list of namespaces', { soma_namespaces: [] }, 403],
    ['names that are none', { soma_namespaces: ['Team', 7, 'team '] }, 403],
    ['another namespace', { soma_namespaces: 'other' }, 403],
    ['its namespace as text', { soma_namespaces: 'team' }, 404],
    ['all namespaces', { soma_namespaces: '*' }, 404],
    ['all namespaces as a list', { soma_namespaces: ['*'] }, 404],
    ['all beside one, which is no name', { soma_namespaces: ['*', 'other'] }, 403],
  ])('with %s', async (_, claims, status) => {
    expect((await read(await issuer.sign(claims))).status).toBe(status);
  });

  test('without the claim of namespaces enters none, whether one is named or not', async () => {
    const token = await issuer.sign({});
    const unnamed = await running.call('GET', '/memories/none', { token });
    expect(unnamed).toMatchObject({ status: 403, json: { code: 'forbidden' } });
  });

  test.each<[unknown, number]>([
    [undefined, 403],
    ['reader', 403],
    ['writer', 201],
    [['other', 'writer', 'reader'], 201],
    [['other'], 403],
    ['owner', 401],
  ])('with the role %j may write: %i', async (soma_role, status) => {
    const token = await issuer.sign({
      soma_namespaces: 'team',
      ...(soma_role === undefined ? {} : { soma_role }),
    });
    const answer = await running.call('POST', '/memories', { token, body: { text: 'x' } });
    expect(answer.status).toBe(status);
  });
});

describe('a JWT is 401 when', () => {
  test.each<[string, JWTPayload, string]>([
    ['it is of another issuer', { iss: 'https://evil.test/' }, 'iss'],
    ['it is for somebody else', { aud: 'other' }, 'aud'],
    ['it has no subject', { sub: undefined } as unknown as JWTPayload, 'sub'],
    ['it is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 60 }, 'nbf'],
  ])('%s', async (_, claims, claim) => {
    expect(await expectInvalid(await issuer.sign({ ...TEAM, ...claims }))).toContain(claim);
  });

  test('it has expired beyond the tolerance of clocks, and not before', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await expectInvalid(await issuer.sign(TEAM, { expires: now - 60 }))).toContain('expired');
    expect((await read(await issuer.sign(TEAM, { expires: now - 2 }))).status).toBe(404);
  });

  test('it never expires', async () => {
    const [key] = issuer.keys;
    if (key === undefined) throw new Error('no key');
    const eternal = new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ann', ...TEAM });
    await expectInvalid(
      await eternal.setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey),
    );
  });

  test('it is not signed, signed by another, or changed', async () => {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', ...TEAM };
    await expectInvalid(new UnsecuredJWT(claims).setExpirationTime('1 hour').encode());
    const other = await JwtIssuer.start();
    await other.stop();
    const [foreign] = other.keys;
    if (foreign === undefined) throw new Error('no key');
    await expectInvalid(await issuer.sign(TEAM, { key: { ...foreign, kid: issuer.keys[0]?.kid ?? '' } }));
    const [header, , signature] = (await issuer.sign(TEAM)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, exp: 2 ** 31 })).toString('base64url');
    await expectInvalid([header, payload, signature].join('.'));
  });

  test('its algorithm is not among those that are taken: no secret, and no other key', async () => {
    const spki = new TextEncoder().encode(await issuer.pem());
    const confused = new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ann', ...TEAM });
    await expectInvalid(
      await confused.setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1 hour').sign(spki),
    );
    const es256 = issuer.keys[0];
    const rs256 = await issuer.addKey('RS256');
    const strict = await startGateway({
      ...SETTINGS,
      SOMA_JWT_JWKS_URL: issuer.url,
      SOMA_JWT_ALGORITHMS: 'RS256',
    });
    const statusBy = async (key: typeof es256) =>
      (await read(await issuer.sign(TEAM, key === undefined ? {} : { key }), strict)).status;
    try {
      await eventually(async () => {
        expect(await statusBy(rs256)).toBe(404);
      });
      // A key of the very same list.
      expect(await statusBy(es256)).toBe(401);
    } finally {
      issuer.keys = issuer.keys.filter((key) => key !== rs256);
      await strict.stop();
    }
  });

  test('none are set up', async () => {
    const plain = await startGateway();
    expect((await read(await issuer.sign(TEAM), plain)).status).toBe(401);
    await plain.stop();
  });
});

describe('the claim of a user', () => {
  let bound: RunningGateway;
  beforeAll(async () => {
    bound = await startGateway({
      ...SETTINGS,
      SOMA_JWT_JWKS_URL: issuer.url,
      SOMA_JWT_USER_CLAIM: 'act.user',
      SOMA_JWT_ROLE_CLAIM: 'https://soma.test/role',
      SOMA_JWT_NAMESPACES_CLAIM: 'spaces',
    });
  });
  afterAll(() => bound.stop());
  const sign = (claims: JWTPayload) =>
    issuer.sign({ spaces: ['team'], 'https://soma.test/role': 'writer', ...claims });

  test('binds the token to that user, each under a subject of its own', async () => {
    const [ann, bob] = [
      await sign({ sub: 'svc', act: { user: 'ann' } }),
      await sign({ sub: 'svc', act: { user: 'bob' } }),
    ];
    const headers = { 'idempotency-key': 'one' };
    const write = (token: string) =>
      bound.call('PUT', '/memories/m', { token, body: { text: 'x' }, headers });
    expect((await write(ann)).status).toBe(201);
    expect(bound.log.taken.at(-1)).toMatchObject({
      command: { issuer: 'jwt:svc/ann', user_id: 'ann', bound_to_user: 'ann' },
    });
    const others = await write(bob);
    expect(others).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect(others.headers.get('idempotency-replayed')).toBeNull();
    expect((await bound.call('GET', '/memories/m', { token: bob })).status).toBe(404);
  });

  test('null in it binds to nobody; without it the token is refused', async () => {
    expect((await read(await sign({ act: { user: null } }), bound)).status).toBe(404);
    for (const claims of [{}, { act: {} }, { act: { user: '' } }, { act: { user: 7 } }])
      expect((await read(await sign(claims), bound)).status).toBe(401);
  });
});

describe('keys', () => {
  test('that are new are found while the process runs', async () => {
    const [former] = issuer.keys;
    if (former === undefined) throw new Error('no key');
    await issuer.addKey('RS256');
    const token = await issuer.sign(TEAM);
    await eventually(async () => {
      expect((await read(token)).status).toBe(404);
    }, 10_000);
    expect((await read(await issuer.sign(TEAM, { key: former }))).status).toBe(404);
  });

  test('that nobody knows are not asked for again and again', async () => {
    const asked = issuer.asked;
    for (let count = 0; count < 20; count += 1)
      await expectInvalid(await issuer.sign(TEAM, { header: { kid: `unknown-${count}` } }));
    expect(issuer.asked - asked).toBeLessThanOrEqual(1);
  });

  test('go on while their URL is out until they are too old, then tokens are 503', async () => {
    const brief = await startGateway({
      ...SETTINGS,
      SOMA_JWT_JWKS_URL: issuer.url,
      SOMA_JWT_KEYS_MAX_AGE: '10',
    });
    const token = await issuer.sign(TEAM);
    await eventually(async () => {
      expect((await read(token, brief)).status).toBe(404);
    });
    issuer.down = true;
    expect((await read(token, brief)).status).toBe(404);
    await eventually(async () => {
      expect(await read(token, brief)).toMatchObject({ status: 503, json: { code: 'auth_unavailable' } });
    }, 15_000);
    // Other tokens go on.
    expect((await brief.call('GET', '/memories/none')).status).toBe(404);
    issuer.down = false;
    await eventually(async () => {
      expect((await read(token, brief)).status).toBe(404);
    }, 10_000);
    await brief.stop();
  }, 40_000);

  test('of a file in PEM are tried one after the other, and read again when the file changes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'soma-keys-'));
    const path = join(folder, 'keys.pem');
    const first = await issuer.addKey();
    await issuer.addKey();
    await writeFile(path, await issuer.pem());
    const byFile = await startGateway({ ...SETTINGS, SOMA_JWT_KEY_PATH: path });
    for (const key of [issuer.keys[0], first])
      expect((await read(await issuer.sign(TEAM, key === undefined ? {} : { key }), byFile)).status).toBe(
        404,
      );
    const next = await issuer.addKey();
    const token = await issuer.sign(TEAM, { key: next });
    expect((await read(token, byFile)).status).toBe(401);
    await writeFile(path, await issuer.pem());
    await eventually(async () => {
      expect((await read(token, byFile)).status).toBe(404);
    });
    await rm(folder, { recursive: true });
    expect((await read(token, byFile)).status).toBe(404);
    await byFile.stop();
  });
});

describe('JWTs that are set up wrongly stop the start', () => {
  const url = 'http://127.0.0.1:1/jwks';
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'without algorithms',
      { ...SETTINGS, SOMA_JWT_JWKS_URL: url, SOMA_JWT_ALGORITHMS: '' },
      /SOMA_JWT_ALGORITHMS/,
    ],
    [
      'with an algorithm of secrets',
      { ...SETTINGS, SOMA_JWT_JWKS_URL: url, SOMA_JWT_ALGORITHMS: 'HS256' },
      /HS256/,
    ],
    ['with none', { ...SETTINGS, SOMA_JWT_JWKS_URL: url, SOMA_JWT_ALGORITHMS: 'none' }, /none/],
    [
      'without an issuer and an audience',
      { SOMA_JWT_ALGORITHMS: 'ES256', SOMA_JWT_JWKS_URL: url },
      /ISSUER[^]*AUDIENCE/,
    ],
    [
      'with both sources of keys',
      { ...SETTINGS, SOMA_JWT_JWKS_URL: url, SOMA_JWT_KEY_PATH: '/x' },
      /keep one/,
    ],
    [
      'with a file that is not there',
      { ...SETTINGS, SOMA_JWT_KEY_PATH: '/nowhere.pem' },
      /SOMA_JWT_KEY_PATH/,
    ],
  ])('%s', async (_, settings, message) => {
    await expect(startGateway(settings)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringMatching(message),
    });
  });
});
