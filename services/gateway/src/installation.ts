import type { Installation, Ledger } from '@soma/ledger';
import { periodic, retryUntilDone, type Periodic } from '@soma/service';
import type { Logger } from 'pino';
import { RequestRefused } from './refusal.js';

/** How often the generation is looked up again: it changes when an operator accepts a new log. Milliseconds. */
const REFRESH_MS = 5_000;

/** What consistency tokens are signed with, loaded in the background and kept while Postgres is out. */
export class KnownInstallation {
  readonly #loading: Periodic;
  #current: Installation | undefined;

  constructor(ledger: Pick<Ledger, 'installation'>, logger: Logger) {
    const onFailure = (error: unknown, attempt?: number): void => {
      logger.warn({ err: error, attempt }, 'the installation cannot be read; will try again');
    };
    this.#loading = periodic({
      everyMs: REFRESH_MS,
      work: async (signal) => {
        this.#current = await retryUntilDone(() => ledger.installation(), { signal, onFailure });
      },
      onFailure,
    });
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
    void this.#loading.start();
  }

  stop(): Promise<void> {
    return this.#loading.stop();
  }
}
