import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateRule, RateVerdict } from '../port.js';

const DEFAULT_MAX_BUCKETS = 100_000;

/** What a store counted for one bucket. */
export interface BucketCount {
  consumedPoints: number;
  msBeforeNext: number;
}

export function bucketName(rule: RateRule, key: string): string {
  return `${rule.name}:${key}`;
}

export function verdictOf(rule: RateRule, count: BucketCount): RateVerdict {
  return {
    allowed: count.consumedPoints <= rule.quota,
    remaining: Math.max(0, rule.quota - count.consumedPoints),
    reset_seconds: Math.max(1, Math.ceil(count.msBeforeNext / 1000)),
  };
}

/** Counts of this process. Beyond `maxBuckets` the oldest bucket is forgotten, which lets its key start anew. */
export class RateBuckets {
  /** Counts only: the quota is the rule's, and rules share this one counter. */
  readonly #counter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 1 });
  /** In the order of creation; the library neither bounds nor tells its buckets. */
  readonly #names = new Set<string>();
  readonly #maxBuckets: number;

  constructor(maxBuckets = DEFAULT_MAX_BUCKETS) {
    this.#maxBuckets = maxBuckets;
  }

  /** Those whose window is over too: they leave when room is needed. */
  get size(): number {
    return this.#names.size;
  }

  async consume(rule: RateRule, key: string, cost: number): Promise<RateVerdict> {
    const name = bucketName(rule, key);
    if (!this.#names.has(name)) await this.#admit(name);
    return verdictOf(rule, await this.#counter.penalty(name, cost, { customDuration: rule.window_seconds }));
  }

  async clear(rule: RateRule, keys: string[]): Promise<void> {
    for (const key of keys) await this.#forget(bucketName(rule, key));
  }

  async close(): Promise<void> {
    for (const name of this.#names) await this.#forget(name);
  }

  async #admit(name: string): Promise<void> {
    this.#names.add(name);
    const [oldest] = this.#names;
    if (this.#names.size > this.#maxBuckets && oldest !== undefined) await this.#forget(oldest);
  }

  async #forget(name: string): Promise<void> {
    this.#names.delete(name);
    await this.#counter.delete(name);
  }
}
