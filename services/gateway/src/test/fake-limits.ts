import type { Limiter, Outcomes, RateRule, RateVerdict } from '@soma/cache';
import type { Operation } from '@soma/memory';

/** Counts in windows that begin with a bucket's first request. */
export class FakeLimiter implements Limiter {
  readonly #buckets = new Map<string, { used: number; ends: number }>();

  consume(rule: RateRule, key: string, cost = 1): Promise<RateVerdict> {
    const name = `${rule.name}:${key}`;
    const found = this.#buckets.get(name);
    const now = performance.now();
    const bucket =
      found !== undefined && found.ends > now ? found : { used: 0, ends: now + rule.window_seconds * 1000 };
    bucket.used += cost;
    this.#buckets.set(name, bucket);
    return Promise.resolve({
      allowed: bucket.used <= rule.quota,
      remaining: Math.max(0, rule.quota - bucket.used),
      reset_seconds: Math.max(1, Math.ceil((bucket.ends - now) / 1000)),
    });
  }

  clear(rule: RateRule, keys: string[]): Promise<void> {
    for (const key of keys) this.#buckets.delete(`${rule.name}:${key}`);
    return Promise.resolve();
  }

  degraded(): boolean {
    return false;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Delivers after the publisher's turn, as the port asks: a publisher is never held up. */
export class FakeOutcomes implements Outcomes {
  readonly #listeners = new Map<string, (operations: Operation[]) => void>();

  publish(replyTo: string, operations: Operation[]): Promise<void> {
    setImmediate(() => this.#listeners.get(replyTo)?.(operations));
    return Promise.resolve();
  }

  subscribe(name: string, listener: (operations: Operation[]) => void): Promise<{ close(): Promise<void> }> {
    this.#listeners.set(name, listener);
    return Promise.resolve({ close: () => Promise.resolve(void this.#listeners.delete(name)) });
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }
}
