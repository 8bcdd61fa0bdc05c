import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@soma/memory';

export const ISSUER = 'https://login.test/';
export const AUDIENCE = 'soma-acceptance';

interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** Signs JWTs by ES256 and serves its public keys, with nothing but Node. */
export interface JwtIssuer {
  url: string;
  sign(claims: JsonObject, options?: { key?: SigningKey; alg?: string; ttl?: number }): string;
  /** Another key signs from now on; the former ones are still served. */
  rotate(): SigningKey;
  /** While true the URL does not answer. */
  out: boolean;
  stop(): Promise<void>;
}

export async function startJwtIssuer(): Promise<JwtIssuer> {
  const keys: SigningKey[] = [newKey()];
  const server = createServer((_request, response) => {
    if (issuer.out) response.destroy();
    else response.end(JSON.stringify({ keys: keys.map(jwkOf) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: JwtIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    out: false,
    sign: (claims, { key = keys[0] as SigningKey, alg = 'ES256', ttl = 600 } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const standing = { iss: ISSUER, aud: AUDIENCE, sub: 'somebody', iat: now, exp: now + ttl };
      const parts = [
        { alg, kid: key.kid },
        { ...standing, ...claims },
      ];
      const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      const signature = sign('sha256', Buffer.from(signed), {
        key: key.privateKey,
        dsaEncoding: 'ieee-p1363',
      });
      return `${signed}.${signature.toString('base64url')}`;
    },
    rotate: () => {
      const key = newKey();
      keys.unshift(key);
      return key;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
  return issuer;
}

function newKey(): SigningKey {
  return { kid: randomUUID(), ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

function jwkOf({ kid, publicKey }: SigningKey) {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}
