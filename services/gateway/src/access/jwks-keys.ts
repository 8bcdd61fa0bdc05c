import { SomaError } from '@soma/memory';
import { periodic, type Periodic } from '@soma/service';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import type { VerificationKeys } from './verification-keys.js';

export interface JwksKeysOptions {
  url: string;
  /** How old keys may be, milliseconds. */
  maxAgeMs: number;
  logger: Logger;
  /** Between two looks, milliseconds. */
  everyMs?: number;
  /** Between two looks because of an unknown key, milliseconds. */
  cooldownMs?: number;
}

const EVERY_MS = 60_000;
const COOLDOWN_MS = 5_000;
const TIMEOUT_MS = 5_000;
const MOST_BYTES = 1024 * 1024;
const MOST_KEYS = 100;

/**
 * Keys of a JWKS URL, read every minute, and at once when a token names one that is not known: who signs may change
 * keys at any time. While the URL does not answer, the keys go on until they are too old.
 */
export class JwksKeys implements VerificationKeys {
  readonly #options: JwksKeysOptions;
  readonly #looking: Periodic;
  #keys: JWTVerifyGetKey | undefined;
  /** On the clock of performance.now(). */
  #readAt = -Infinity;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;
  #failing = false;

  constructor(options: JwksKeysOptions) {
    this.#options = options;
    this.#looking = periodic({
      everyMs: options.everyMs ?? EVERY_MS,
      work: () => this.#ask(),
      onFailure: () => undefined,
    });
  }

  readonly resolve: JWTVerifyGetKey = async (header, token) => {
    if (this.#isTooOld()) await this.#askAgain();
    try {
      return await this.#known()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#askAgain())) throw error;
      return await this.#known()(header, token);
    }
  };

  start(): void {
    void this.#looking.start();
  }

  stop(): Promise<void> {
    return this.#looking.stop();
  }

  #isTooOld(): boolean {
    return performance.now() - this.#readAt > this.#options.maxAgeMs;
  }

  #known(): JWTVerifyGetKey {
    if (this.#keys !== undefined && !this.#isTooOld()) return this.#keys;
    throw new SomaError(
      'auth_unavailable',
      'the keys that tokens are signed with cannot be read at the moment',
    );
  }

  /** Not more often than every few seconds, whatever tokens say. @returns whether there was an answer */
  async #askAgain(): Promise<boolean> {
    const rested = performance.now() - this.#askedAt >= (this.#options.cooldownMs ?? COOLDOWN_MS);
    if (this.#asking === undefined && !rested) return false;
    return this.#ask().then(
      () => true,
      () => false,
    );
  }

  /** One question at a time; who comes meanwhile shares its answer. */
  #ask(): Promise<void> {
    this.#asking ??= this.#read().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #read(): Promise<void> {
    const { url, logger } = this.#options;
    this.#askedAt = performance.now();
    const asked = this.#askedAt;
    try {
      this.#keys = createLocalJWKSet(await fetchKeys(url));
    } catch (error) {
      if (!this.#failing)
        logger.warn({ err: error }, 'the keys of JWTs cannot be read; those that are known go on');
      this.#failing = true;
      throw error;
    }
    if (this.#failing) logger.info('the keys of JWTs can be read again');
    this.#failing = false;
    this.#readAt = asked;
  }
}

async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the JWKS URL answered ${response.status}`);
  const keys = JSON.parse(await bodyOf(response)) as JSONWebKeySet;
  // createLocalJWKSet looks at the form; a long list would make every unknown key dear.
  if (Array.isArray(keys.keys) && keys.keys.length > MOST_KEYS)
    throw new Error(`more than ${MOST_KEYS} keys`);
  return keys;
}

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body = response.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('the JWKS is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
