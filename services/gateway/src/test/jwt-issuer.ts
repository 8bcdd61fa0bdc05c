import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';

export const ISSUER = 'https://login.test/';
export const AUDIENCE = 'soma';

interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** Signs JWTs, and serves its keys as a JWKS. */
export class JwtIssuer {
  readonly url: string;
  /** While true the URL answers 500. */
  down = false;
  /** How often the keys were asked for. */
  asked = 0;
  /** Newest first. */
  keys: SigningKey[] = [];
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.url = `http://127.0.0.1:${port}/jwks.json`;
    this.#stop = stop;
  }

  static async start(): Promise<JwtIssuer> {
    const server = createServer((_request, response) => {
      void issuer.#answer().then(({ status, body }) => response.writeHead(status).end(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer: JwtIssuer = new JwtIssuer(
      (server.address() as AddressInfo).port,
      () =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(() => {
            resolve();
          });
        }),
    );
    await issuer.addKey();
    return issuer;
  }

  async addKey(alg = 'ES256'): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const key = { kid: `key-${this.keys.length}-${alg}`, alg, privateKey, publicKey };
    this.keys.unshift(key);
    return key;
  }

  /** All public keys, as a file of PEM. */
  async pem(): Promise<string> {
    return (await Promise.all(this.keys.map(({ publicKey }) => exportSPKI(publicKey)))).join('\n');
  }

  /** A token of ten minutes, signed by the newest key. */
  async sign(
    claims: JWTPayload,
    options: { key?: SigningKey; header?: Record<string, string>; expires?: string | number } = {},
  ): Promise<string> {
    const key = options.key ?? this.keys[0];
    if (key === undefined) throw new Error('no key');
    return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ann', ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...options.header })
      .setIssuedAt()
      .setExpirationTime(options.expires ?? '10 minutes')
      .sign(key.privateKey);
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #answer(): Promise<{ status: number; body: string }> {
    this.asked += 1;
    if (this.down) return { status: 500, body: '' };
    const keys = await Promise.all(
      this.keys.map(async ({ kid, alg, publicKey }): Promise<JWK> => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg,
      })),
    );
    return { status: 200, body: JSON.stringify({ keys }) };
  }
}
