import type { MemoryStore } from '@soma/memory-store';
import { periodic, type Logger, type Periodic } from '@soma/service';

/** Clocks drift apart by far less in this time than an expiry is exact. */
const REFRESH_MS = 10_000;

/**
 * The store's clock, told from here: what has expired is decided by Postgres alone, and a process whose own clock is
 * an hour off answers as all others do. Runs on the monotonic clock between two looks.
 */
export class StoreClock {
  readonly #looking: Periodic;
  /** Epoch milliseconds at performance.now() = 0; the process's own until the store has answered. */
  #origin = performance.timeOrigin;

  constructor(memories: Pick<MemoryStore, 'states'>, logger: Logger) {
    this.#looking = periodic({
      everyMs: REFRESH_MS,
      work: async () => {
        this.set((await memories.states('default', [])).now);
      },
      onFailure: (error) => {
        logger.debug({ err: error }, 'the store did not tell its time');
      },
    });
  }

  /** Epoch milliseconds. */
  now(): number {
    return Math.round(this.#origin + performance.now());
  }

  /** The store has just said what time it is. */
  set(now: number): void {
    this.#origin = now - performance.now();
  }

  /** Resolves once the store was asked for the first time, whatever came of it. */
  start(): Promise<void> {
    return this.#looking.start();
  }

  stop(): Promise<void> {
    return this.#looking.stop();
  }
}
