import { RateLimiterRedis } from 'rate-limiter-flexible';
import { bucketName, RateBuckets, verdictOf } from '../in-process/rate-buckets.js';
import type { Limiter, RateRule, RateVerdict } from '../port.js';
import { RedisConnection, type RedisConfig } from './connection.js';

export interface RedisLimiterConfig extends RedisConfig {
  /** Buckets kept in memory at most while Redis is out. Default 100,000. */
  maxBuckets?: number;
}

/** After a failure Redis is left alone this long, so that its outage costs one request in a while its timeout. */
const REST_MS = 1_000;
/** Buckets cleared by one command; those of a Cluster spread over its nodes. */
const CLEAR_AT_ONCE = 256;

/** Counts in Redis for all processes; while Redis is out each counts for itself. */
export function createRedisLimiter(config: RedisLimiterConfig): Limiter {
  return new RedisLimiter(config);
}

class RedisLimiter implements Limiter {
  readonly #redis: RedisConnection;
  /** Counts only: the quota is the rule's, and rules share this one counter. */
  readonly #counter: RateLimiterRedis;
  readonly #insurance: RateBuckets;
  #restUntil = 0;
  #degraded = false;

  constructor(config: RedisLimiterConfig) {
    this.#redis = new RedisConnection(config);
    this.#counter = new RateLimiterRedis({
      storeClient: this.#redis.client,
      points: Number.MAX_SAFE_INTEGER,
      duration: 1,
      keyPrefix: `${this.#redis.prefix}:rate`,
    });
    this.#insurance = new RateBuckets(config.maxBuckets);
  }

  async consume(rule: RateRule, key: string, cost = 1): Promise<RateVerdict> {
    const counted = await this.#inRedis(() =>
      this.#counter.penalty(bucketName(rule, key), cost, { customDuration: rule.window_seconds }),
    );
    return counted === undefined ? this.#insurance.consume(rule, key, cost) : verdictOf(rule, counted);
  }

  async clear(rule: RateRule, keys: string[]): Promise<void> {
    await this.#insurance.clear(rule, keys);
    for (let start = 0; start < keys.length; start += CLEAR_AT_ONCE) {
      const some = keys.slice(start, start + CLEAR_AT_ONCE);
      await this.#inRedis(() => Promise.all(some.map((key) => this.#counter.delete(bucketName(rule, key)))));
    }
  }

  degraded(): boolean {
    return this.#degraded;
  }

  buckets(): number {
    return this.#insurance.size;
  }

  async close(): Promise<void> {
    await this.#insurance.close();
    await this.#redis.close();
  }

  /** Undefined while Redis is out. */
  async #inRedis<T>(count: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.#restUntil) return undefined;
    try {
      const result = await this.#redis.run(count);
      this.#degraded = false;
      return result;
    } catch {
      // Not silent: `degraded` says it, and the connection reports its errors.
      this.#degraded = true;
      this.#restUntil = performance.now() + REST_MS;
      return undefined;
    }
  }
}
