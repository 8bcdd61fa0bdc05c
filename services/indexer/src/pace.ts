import { setTimeout as sleep } from 'node:timers/promises';

/** How fast texts go to an embedder. */
export interface Pace {
  /** Texts to take at once, at most: a second's worth, so that no wait is long. */
  atOnce: number;
  /** Waits as long as so many texts may take; rejects when the work is to stop. */
  spend(texts: number): Promise<void>;
}

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  pause(ms: number): Promise<void>;
}

/** So many texts a second; of time in which less was done, a second is made up for. */
export function paceOf(perSecond: number, mostAtOnce: number, clock: Clock): Pace {
  let free = clock.now();
  return {
    atOnce: Math.max(1, Math.min(mostAtOnce, Math.floor(perSecond))),
    spend: async (texts) => {
      const now = clock.now();
      free = Math.max(free, now - 1_000) + (texts * 1_000) / perSecond;
      if (free > now) await clock.pause(free - now);
    },
  };
}

export function realClock(signal: AbortSignal): Clock {
  return {
    now: () => performance.now(),
    pause: (ms) => sleep(ms, undefined, { signal }),
  };
}
