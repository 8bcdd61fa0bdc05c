import { setTimeout as sleep } from 'node:timers/promises';
import { retryUntilDone } from '@soma/service';

export interface RecurringWork {
  /** Milliseconds to the first time, and from the end of one time to the beginning of the next. */
  everyMs: number;
  work: (signal: AbortSignal) => Promise<void>;
  /** Told of each failure; the next time comes later and later. */
  onFailure: (error: unknown) => void;
}

const MOST_MS = 60_000;

/** Does the work again and again until it is stopped; resolves the stop once the work under way is over. */
export function recurring({ everyMs, work, onFailure }: RecurringWork): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const backoff = { minMs: everyMs, maxMs: MOST_MS };
  const run = async (): Promise<void> => {
    for (;;) {
      await sleep(everyMs, undefined, { signal });
      await retryUntilDone(() => work(signal), {
        signal,
        backoff,
        onFailure: (error) => {
          if (!signal.aborted) onFailure(error);
        },
      });
    }
  };
  const running = run().catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
