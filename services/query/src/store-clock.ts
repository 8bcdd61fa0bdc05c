import type { MemoryStore } from '@soma/memory-store';
import type { Logger } from '@soma/service';

/** Clocks drift apart by far less in this time than an expiry is exact. */
const REFRESH_MS = 10_000;

/**
 * The store's clock, told from here: what has expired is decided by Postgres alone, and a process whose own clock is
 * an hour off answers as all others do. Runs on the monotonic clock between two looks.
 */
export class StoreClock {
  readonly #memories: Pick<MemoryStore, 'states'>;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  /** Epoch milliseconds at performance.now() = 0; the process's own until the store has answered. */
  #origin = performance.timeOrigin;

  constructor(memories: Pick<MemoryStore, 'states'>, logger: Logger) {
    this.#memories = memories;
    this.#logger = logger;
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
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#look(), REFRESH_MS);
    this.#timer.unref();
    await this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      this.set((await this.#memories.states('default', [])).now);
    } catch (error) {
      this.#logger.debug({ err: error }, 'the store did not tell its time');
    }
  }
}
