import { setTimeout as sleep } from 'node:timers/promises';

export interface Backoff {
  minMs: number;
  maxMs: number;
}

/** Exponential backoff with full jitter: between half and all of min × 2^attempt, at most maxMs. Attempts count from 0. */
export function backoffMs(attempt: number, backoff: Backoff): number {
  const ceiling = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + Math.random() * (ceiling / 2));
}

export interface RetryOptions {
  signal: AbortSignal;
  backoff?: Backoff;
  /** Told of each failure before the wait; throw from here to give up. */
  onFailure: (error: unknown, attempt: number) => void;
}

/** Calls `work` until it succeeds; rejects only when `signal` is aborted or `onFailure` throws. */
export async function retryUntilDone<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const backoff = options.backoff ?? { minMs: 100, maxMs: 5_000 };
  for (let attempt = 0; ; attempt += 1) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      options.onFailure(error, attempt);
      await sleep(backoffMs(attempt, backoff), undefined, { signal: options.signal });
    }
  }
}
