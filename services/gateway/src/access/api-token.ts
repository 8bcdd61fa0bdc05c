import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { periodic, type Periodic } from '@soma/service';
import type { Logger } from 'pino';
import type { TokenScheme } from './authenticate.js';
import type { Caller } from './caller.js';
import { digestOf } from './digest.js';

export interface ApiTokenOptions {
  /** The token as the process started with it. */
  token: string;
  /** Where it came from, if it was a file. */
  file: string | undefined;
  logger: Logger;
}

/** Visible ASCII characters only, because it travels in a header. */
export const API_TOKEN = /^[\x21-\x7e]+$/;

/** How often the file is looked at, milliseconds. It is small, and events of mounted files cannot be relied on. */
const LOOK_MS = 1_000;

const OPERATOR: Caller = {
  subject: 'api-token',
  role: 'admin',
  namespaces: null,
  default_namespace: 'default',
  user_id: null,
  rates: {},
};

/**
 * The token of SOMA_API_TOKEN or its file, which may do everything. A changed file counts from the next look; while it
 * is gone, empty or holds something else, the last token goes on. Compares digests, so that time says nothing of the
 * token or its length.
 */
export class ApiToken implements TokenScheme {
  readonly #options: ApiTokenOptions;
  readonly #looking: Periodic | undefined;
  #digest: Buffer;
  #stale = false;

  constructor(options: ApiTokenOptions) {
    this.#options = options;
    this.#digest = digestOf(options.token);
    const { file } = options;
    if (file === undefined) return;
    this.#looking = periodic({
      everyMs: LOOK_MS,
      work: () => this.#look(file),
      onFailure: (error) => {
        this.#keepLast(error instanceof Error && 'code' in error ? String(error.code) : 'unreadable');
      },
    });
  }

  /** The file no longer says what counts. */
  get stale(): boolean {
    return this.#stale;
  }

  callerOf(bearer: string): Caller | undefined {
    return timingSafeEqual(digestOf(bearer), this.#digest) ? OPERATOR : undefined;
  }

  start(): void {
    void this.#looking?.start();
  }

  async stop(): Promise<void> {
    await this.#looking?.stop();
  }

  async #look(file: string): Promise<void> {
    const token = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    if (!API_TOKEN.test(token)) {
      this.#keepLast('it holds no token');
      return;
    }
    const digest = digestOf(token);
    const changed = !digest.equals(this.#digest);
    if (changed) this.#options.logger.info('the token file has changed: its token counts from now on');
    else if (this.#stale) this.#options.logger.info('the token file is there again');
    this.#digest = digest;
    this.#stale = false;
  }

  #keepLast(reason: string): void {
    if (!this.#stale)
      this.#options.logger.error({ reason }, 'the token file is gone or empty: its last token goes on');
    this.#stale = true;
  }
}
