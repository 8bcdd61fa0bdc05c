import type { CacheRead } from './port.js';

/** Where a cache reports what it does; a process counts these. Calls must be cheap and must not throw. */
export interface CacheMetrics {
  /** Keys that were there. */
  hits(count: number): void;
  /** Keys that were not; `leased` of them the reader may fill. */
  misses(count: number, leased: number): void;
  /** A fill came while its lease stood (`true`), or after the lease was over (`false`). */
  filled(accepted: boolean): void;
  /** Entries that left before their time because the cache was full. */
  evicted(count: number): void;
}

export function countReads(metrics: CacheMetrics, reads: CacheRead[]): void {
  const hits = reads.filter((read) => read.hit).length;
  const leased = reads.filter((read) => !read.hit && read.lease !== null).length;
  if (hits > 0) metrics.hits(hits);
  if (hits < reads.length) metrics.misses(reads.length - hits, leased);
}

/** Where outcomes report news that nobody will hear: buffer full, store out, or unreadable. */
export interface OutcomesMetrics {
  dropped(operations: number): void;
}

export const NO_CACHE_METRICS: CacheMetrics = {
  hits: () => undefined,
  misses: () => undefined,
  filled: () => undefined,
  evicted: () => undefined,
};

export const NO_OUTCOMES_METRICS: OutcomesMetrics = { dropped: () => undefined };
