import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SomaError } from '@soma/memory';
import { periodic, type Periodic } from '@soma/service';
import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import type { VerificationKeys } from './verification-keys.js';

/** How often the file is looked at, milliseconds. */
const LOOK_MS = 1_000;
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

/** Keys of a file. A changed file counts from the next look; while it holds no keys, the last ones go on. */
export class PemKeys implements VerificationKeys {
  readonly #looking: Periodic;
  readonly #logger: Logger;
  #text: string;
  #keys: JWTVerifyGetKey;
  #failing = false;

  /** @throws SomaError invalid_configuration */
  constructor({ path, logger }: { path: string; logger: Logger }) {
    this.#logger = logger;
    try {
      this.#text = readFileSync(path, 'utf8');
      this.#keys = keysOf(this.#text);
    } catch (cause) {
      throw new SomaError(
        'invalid_configuration',
        'SOMA_JWT_KEY_PATH names no file with public keys in PEM',
        { cause },
      );
    }
    this.#looking = periodic({
      everyMs: LOOK_MS,
      work: () => this.#look(path),
      onFailure: () => {
        if (!this.#failing) logger.error('the file of SOMA_JWT_KEY_PATH holds no keys: its last ones go on');
        this.#failing = true;
      },
    });
  }

  /** Keys in PEM have no ids, so what a token says of one is left out. */
  readonly resolve: JWTVerifyGetKey = ({ alg }, token) => this.#keys({ alg }, token);

  start(): void {
    void this.#looking.start();
  }

  stop(): Promise<void> {
    return this.#looking.stop();
  }

  async #look(path: string): Promise<void> {
    const text = await readFile(path, 'utf8');
    if (text !== this.#text) {
      this.#keys = keysOf(text);
      this.#text = text;
      this.#logger.info('the file of SOMA_JWT_KEY_PATH has changed: its keys count from now on');
    }
    this.#failing = false;
  }
}

function keysOf(text: string): JWTVerifyGetKey {
  const keys = [...text.matchAll(PEM)].map(([pem, label = '']): JWK => {
    // Node would take the public half; a private key has no business here.
    if (label.includes('PRIVATE')) throw new TypeError('it holds a private key');
    return createPublicKey(pem).export({ format: 'jwk' });
  });
  if (keys.length === 0) throw new TypeError('it holds no key');
  return createLocalJWKSet({ keys });
}
