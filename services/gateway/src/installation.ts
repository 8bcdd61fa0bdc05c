import type { Installation, Ledger } from '@soma/ledger';
import { retryUntilDone } from '@soma/service';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { RequestRefused } from './refusal.js';

/** How often the generation is looked up again: it changes when an operator accepts a new log. Milliseconds. */
const REFRESH_MS = 5_000;

/** What consistency tokens are signed with, loaded in the background and kept while Postgres is out. */
export class KnownInstallation {
  readonly #ledger: Pick<Ledger, 'installation'>;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #current: Installation | undefined;
  #loading: Promise<void> = Promise.resolve();

  constructor(ledger: Pick<Ledger, 'installation'>, logger: Logger) {
    this.#ledger = ledger;
    this.#logger = logger;
  }

  /** @throws RequestRefused store_unavailable while Postgres has never answered since the start. */
  current(): Installation {
    if (this.#current === undefined)
      throw new RequestRefused('store_unavailable', 'the store has not answered yet');
    return this.#current;
  }

  get known(): boolean {
    return this.#current !== undefined;
  }

  start(): void {
    this.#loading = this.#load();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loading;
  }

  async #load(): Promise<void> {
    const { signal } = this.#stopping;
    const onFailure = (error: unknown, attempt: number): void => {
      this.#logger.warn({ err: error, attempt }, 'the installation cannot be read; will try again');
    };
    try {
      for (;;) {
        this.#current = await retryUntilDone(() => this.#ledger.installation(), { signal, onFailure });
        await sleep(REFRESH_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
