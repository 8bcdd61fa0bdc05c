import { afterEach, expect, test } from '@jest/globals';
import { createTokenSource } from './oauth-token.js';
import { startTokenIssuer, type TokenIssuer } from './test/token-issuer.js';

const CLIENT = { clientId: 'soma', clientSecret: 'p:/& %' };

let issuer: TokenIssuer;
afterEach(() => issuer.stop());

async function sourceOf(lifeSeconds: number): Promise<() => Promise<string>> {
  issuer = await startTokenIssuer({ ...CLIENT, lifeSeconds });
  return createTokenSource({ mechanism: 'oauthbearer', tokenUrl: issuer.tokenUrl, ...CLIENT });
}

test('all who ask get one token, at once and later', async () => {
  const token = await sourceOf(3600);
  const tokens = [...(await Promise.all(Array.from({ length: 10 }, token))), await token()];
  expect(issuer.issued).toHaveLength(1);
  expect(new Set(tokens)).toEqual(new Set(issuer.issued));
});

test('a token that would end before the next login is not kept', async () => {
  const token = await sourceOf(10);
  await token();
  await token();
  expect(issuer.issued).toHaveLength(2);
});

test('a failure is told, and the next who asks tries again', async () => {
  const right = await sourceOf(3600);
  const wrong = createTokenSource({
    mechanism: 'oauthbearer',
    tokenUrl: issuer.tokenUrl,
    ...CLIENT,
    clientSecret: 'wrong',
  });
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(wrong()).rejects.toMatchObject({
      retriable: true,
      cause: { code: 'event_log_unavailable', message: expect.stringContaining('invalid_client') },
    });
  expect(await right()).toBe(issuer.issued[0]);
});
