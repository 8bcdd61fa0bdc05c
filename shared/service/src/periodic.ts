import { setTimeout as sleep } from 'node:timers/promises';

export interface PeriodicOptions {
  /** Between the end of a round and the beginning of the next, milliseconds. */
  everyMs: number;
  /** One round; `signal` is aborted when the work is to stop. */
  work: (signal: AbortSignal) => Promise<unknown>;
  /** Told of a round that failed, to log it; the next one comes all the same. MUST not throw. */
  onFailure: (error: unknown) => void;
}

/** Work that is done now and every so often, one round at a time. */
export interface Periodic {
  /** Resolves when the first round is over, whatever came of it. Further calls start nothing more. */
  start(): Promise<void>;
  /** Aborts the round that runs and resolves when it has ended. For good; harmless without a start. */
  stop(): Promise<void>;
}

/** Never two rounds at a time. Between rounds it does not keep the process alive. */
export function periodic({ everyMs, work, onFailure }: PeriodicOptions): Periodic {
  const stopping = new AbortController();
  const { signal } = stopping;
  const round = async (): Promise<void> => {
    try {
      await work(signal);
    } catch (error) {
      // Who stops the work wants it to give up.
      if (!signal.aborted) onFailure(error);
    }
  };
  /** Rejects once the signal is aborted: the sleep does. */
  const goOn = async (): Promise<never> => {
    for (;;) {
      await sleep(everyMs, undefined, { signal, ref: false });
      await round();
    }
  };
  let first: Promise<void> | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  return {
    start: () => {
      if (first === undefined) {
        first = signal.aborted ? Promise.resolve() : round();
        ended = first.then(goOn).catch(() => undefined);
      }
      return first;
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
