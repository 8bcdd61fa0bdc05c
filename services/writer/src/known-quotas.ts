import type { Quota, Quotas } from '@soma/memory-store';
import { periodic, type Logger, type Periodic } from '@soma/service';

/** How often quotas are read, milliseconds: a new one counts from then on. */
const READ_MS = 1_000;

/** The quotas of all namespaces, read every second; while the store is out nothing is written either. */
export class KnownQuotas {
  readonly #reading: Periodic;
  #quotas: ReadonlyMap<string, Quota> = new Map();

  constructor({ quotas, logger }: { quotas: Pick<Quotas, 'all'>; logger: Logger }) {
    this.#reading = periodic({
      everyMs: READ_MS,
      work: async () => {
        this.#quotas = await quotas.all();
      },
      onFailure: (error) => {
        logger.debug({ err: error }, 'quotas cannot be read; those that are known go on');
      },
    });
  }

  get current(): ReadonlyMap<string, Quota> {
    return this.#quotas;
  }

  /** Resolves when they were read once, or could not be. */
  start(): Promise<void> {
    return this.#reading.start();
  }

  stop(): Promise<void> {
    return this.#reading.stop();
  }
}
