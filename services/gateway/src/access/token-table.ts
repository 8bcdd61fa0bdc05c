import type { KnownSecret, Tokens } from '@soma/access';
import { SomaError } from '@soma/memory';
import { periodic, type Periodic } from '@soma/service';
import type { Logger } from 'pino';
import { invalidToken, type TokenScheme } from './authenticate.js';
import { callerOf, type Caller } from './caller.js';
import { digestOf } from './digest.js';

export interface TokenTableOptions {
  tokens: Pick<Tokens, 'changed'>;
  /** Most secrets that are held. */
  most: number;
  /** How old what is held may be, milliseconds; beyond it 503 auth_unavailable. */
  maxAgeMs: number;
  logger: Logger;
  /** Between two looks, milliseconds; what is revoked opens that long. */
  everyMs?: number;
}

const LOOK_MS = 250;
/** What a bearer token of ours begins with, so that scanners for leaked secrets know it. */
export const SECRET_PREFIX = 'soma_';

/**
 * The secrets of all tokens, as digests. They are looked at four times a second by one small question, so a change
 * counts within a second on every gateway; while the store is out, what is known goes on until it is too old.
 */
export class TokenTable implements TokenScheme {
  readonly #options: TokenTableOptions;
  readonly #looking: Periodic;
  #known: { state: string | null; secrets: ReadonlyMap<string, KnownSecret> } = {
    state: null,
    secrets: new Map(),
  };
  /** On the clock of performance.now(). */
  #readAt = -Infinity;
  #reading: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(options: TokenTableOptions) {
    this.#options = options;
    this.#looking = periodic({
      everyMs: options.everyMs ?? LOOK_MS,
      work: () => this.refresh(),
      onFailure: (error) => {
        if (!this.#failing)
          options.logger.warn({ err: error }, 'tokens cannot be read; those that are known go on');
        this.#failing = true;
      },
    });
  }

  get size(): number {
    return this.#known.secrets.size;
  }

  /** Seconds since what is held was known to be so. */
  get ageSeconds(): number {
    return (performance.now() - this.#readAt) / 1000;
  }

  start(): void {
    void this.#looking.start();
  }

  stop(): Promise<void> {
    return this.#looking.stop();
  }

  /** Looks now, after whatever look is under way: what this process changed counts here at once. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  callerOf(bearer: string): Caller | undefined {
    if (!bearer.startsWith(SECRET_PREFIX)) return undefined;
    if (performance.now() - this.#readAt > this.#options.maxAgeMs) {
      throw new SomaError('auth_unavailable', 'the tokens of this installation cannot be read at the moment');
    }
    // Only who knows a secret can name its digest, so a lookup by digest tells a guesser nothing by its time.
    const secret = this.#known.secrets.get(digestOf(bearer).toString('hex'));
    if (secret === undefined) return undefined;
    if (secret.expires_at !== null && secret.expires_at <= Date.now())
      throw invalidToken('the token has expired');
    return callerOf(`token:${secret.token_id}`, secret);
  }

  async #read(): Promise<void> {
    const { tokens, most, logger } = this.#options;
    const asked = performance.now();
    const changed = await tokens.changed(this.#known.state, most);
    if (changed !== undefined) {
      const { state, secrets } = changed;
      this.#known = { state, secrets: new Map(secrets.map((secret) => [secret.digest, secret])) };
    }
    this.#readAt = asked;
    if (this.#failing) logger.info('tokens can be read again');
    this.#failing = false;
  }
}
