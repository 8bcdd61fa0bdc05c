import type { Limiter, RateRule, RateVerdict } from '../port.js';
import { RateBuckets } from './rate-buckets.js';

export interface InProcessLimiterConfig {
  /** Buckets kept at most; the oldest goes first. Default 100,000. */
  maxBuckets?: number;
}

/** The limiter of a single process. */
export function createInProcessLimiter(config: InProcessLimiterConfig = {}): Limiter {
  const buckets = new RateBuckets(config.maxBuckets);
  return {
    consume: (rule: RateRule, key: string, cost = 1): Promise<RateVerdict> =>
      buckets.consume(rule, key, cost),
    clear: (rule, keys) => buckets.clear(rule, keys),
    degraded: () => false,
    buckets: () => buckets.size,
    close: () => buckets.close(),
  };
}
