import { TOPICS } from '@soma/events';
import type { Ledger } from '@soma/ledger';

interface Waiter {
  known: string | undefined;
  settle(standing: string | undefined): void;
}

/** Milliseconds between two looks while somebody waits. */
const INTERVAL_MS = 50;

/**
 * Tells followers that the writer has done something: with one look at its progress for everybody in the process, and
 * none while nobody waits.
 */
export class WriterPulse {
  readonly #ledger: Pick<Ledger, 'progress'>;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(ledger: Pick<Ledger, 'progress'>) {
    this.#ledger = ledger;
  }

  /**
   * How the writer stands, as soon as that is not `known`; `known` again when the time is over or the signal comes.
   * What is read after it is at least as new as it.
   */
  moved(
    known: string | undefined,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    if (this.#isClosed || signal?.aborted === true || timeoutMs <= 0) return Promise.resolve(known);
    return new Promise((resolve) => {
      const end = (): void => {
        waiter.settle(known);
      };
      const timer = setTimeout(end, timeoutMs);
      const waiter: Waiter = {
        known,
        settle: (standing) => {
          this.#waiters.delete(waiter);
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          resolve(standing);
        },
      };
      signal?.addEventListener('abort', end, { once: true });
      this.#waiters.add(waiter);
      this.#timer ??= setTimeout(() => void this.#look(), INTERVAL_MS);
    });
  }

  /** Followers that wait. */
  waiting(): number {
    return this.#waiters.size;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const waiter of [...this.#waiters]) waiter.settle(waiter.known);
  }

  async #look(): Promise<void> {
    const standing = await this.#standing();
    for (const waiter of [...this.#waiters]) if (waiter.known !== standing) waiter.settle(standing);
    this.#timer =
      this.#waiters.size === 0 || this.#isClosed
        ? undefined
        : setTimeout(() => void this.#look(), INTERVAL_MS);
  }

  /** Undefined when that cannot be told: whoever knew it reads again, and hears why. */
  async #standing(): Promise<string | undefined> {
    try {
      const rows = await this.#ledger.progress();
      return rows
        .filter(({ group, topic }) => group === 'writer' && topic === TOPICS.memoryCommands)
        .map(({ partition, generation, position }) => `${partition}:${generation}:${position}`)
        .sort()
        .join(' ');
    } catch {
      return undefined;
    }
  }
}
