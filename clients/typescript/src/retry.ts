import type { SomaError } from './errors.js';

export interface RetryOptions {
  /** Most attempts of one call, the first among them. */
  attempts: number;
  /** The longest pause before the second attempt, milliseconds; it doubles with each further one. */
  baseMs: number;
  /** No pause of our own making is longer, milliseconds. What Retry-After asks for may be. */
  maxMs: number;
  /** An attempt without an answer counts as lost this long after the service should have stopped waiting, milliseconds. */
  attemptMs: number;
}

export const DEFAULT_RETRY: RetryOptions = { attempts: 5, baseMs: 100, maxMs: 5_000, attemptMs: 5_000 };

/**
 * Milliseconds to wait after `failed` attempts: anything up to the doubled base ("full jitter",
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so that clients that failed together
 * do not come back together; never before what Retry-After asks for.
 */
export function pauseAfter(
  failed: number,
  error: SomaError,
  { baseMs, maxMs }: RetryOptions,
  random: () => number = Math.random,
): number {
  const jitter = random() * Math.min(maxMs, baseMs * 2 ** (failed - 1));
  return (error.retryAfterMs ?? 0) + jitter;
}
