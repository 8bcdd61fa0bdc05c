import type { AccessCount, AccessCounts } from '@soma/memory-store';
import { counter, periodic, type Logger, type Periodic } from '@soma/service';
import type { Reads } from '@soma/reads';
import type { Registry } from 'prom-client';
import type { StoreClock } from './store-clock.js';

export interface AccessCounterOptions {
  accesses: AccessCounts;
  clock: Pick<StoreClock, 'now'>;
  logger: Logger;
  registry: Registry;
  everyMs?: number;
  /** Most memories between two writings. */
  capacity?: number;
}

const EVERY_MS = 5_000;
const CAPACITY = 10_000;

/**
 * Counts which memories callers were given, and writes the counts down every few seconds in one statement. Counts are
 * worth no waiting and no retry: what does not fit, what the store does not take, and what a process that dies had
 * gathered is lost.
 */
export class AccessCounter {
  readonly #options: AccessCounterOptions;
  readonly #capacity: number;
  readonly #writing: Periodic;
  readonly #lost;
  /** By namespace and key, neither of which holds a space. */
  #counts = new Map<string, AccessCount>();

  constructor(options: AccessCounterOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? CAPACITY;
    this.#lost = counter(options.registry, {
      name: 'soma_query_accesses_lost_total',
      help: 'Accesses that were not counted: too many memories at once, or the store did not take them',
    });
    this.#writing = periodic({
      everyMs: options.everyMs ?? EVERY_MS,
      work: () => this.#write(),
      onFailure: (error) => {
        options.logger.warn({ err: error }, 'accesses were not counted');
      },
    });
  }

  note(namespace: string, keys: readonly string[]): void {
    const accessed_at = this.#options.clock.now();
    for (const key of keys) {
      const name = `${namespace} ${key}`;
      const known = this.#counts.get(name);
      if (known !== undefined) Object.assign(known, { accesses: known.accesses + 1, accessed_at });
      else if (this.#counts.size >= this.#capacity) this.#lost.inc();
      else this.#counts.set(name, { namespace, key, accesses: 1, accessed_at });
    }
  }

  async #write(): Promise<void> {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    try {
      await this.#options.accesses.add(counts);
    } catch (error) {
      this.#lost.inc(counts.reduce((sum, { accesses }) => sum + accesses, 0));
      throw error;
    }
  }

  start(): void {
    void this.#writing.start();
  }

  /** Writes down what is there. */
  async stop(): Promise<void> {
    await this.#writing.stop();
    await this.#write().catch(() => undefined);
  }
}

/** The same reads; what is read by coords, and what a search finds, counts. */
export function counting(reads: Reads, counter: Pick<AccessCounter, 'note'>): Reads {
  return {
    ...reads,
    get: async (namespace, keys, options) => {
      const found = await reads.get(namespace, keys, options);
      const given = found.flatMap((memory) => memory?.key ?? []);
      counter.note(namespace, given);
      return found;
    },
    search: async (namespace, request, options) => {
      const answer = await reads.search(namespace, request, options);
      const given = answer.hits.map(({ memory }) => memory.key);
      counter.note(namespace, given);
      return answer;
    },
  };
}
