export interface RetrySchedule {
  /** Attempts of a delivery before it is given up. */
  attempts: number;
  /** Milliseconds before the second attempt. */
  firstMs: number;
}

const FACTOR = 4;
const LONGEST_MS = 24 * 60 * 60 * 1000;
/** So that what failed together is not tried again together: up to so much is added, a part of the wait. */
const JITTER = 0.2;

/**
 * Milliseconds until the next attempt after `failed` have failed, at least what the receiver asked for; undefined: it
 * is given up. Each wait is four times the one before, a day at most.
 */
export function nextAttemptIn(
  failed: number,
  { attempts, firstMs }: RetrySchedule,
  askedMs: number | null,
): number | undefined {
  if (failed >= attempts) return undefined;
  const wait = Math.min(LONGEST_MS, firstMs * FACTOR ** (failed - 1));
  const jittered = wait * (1 + Math.random() * JITTER);
  return Math.round(Math.min(LONGEST_MS * (1 + JITTER), Math.max(jittered, askedMs ?? 0)));
}
