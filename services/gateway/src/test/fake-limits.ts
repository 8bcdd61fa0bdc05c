import type { Limiter, Outcomes, RateRule, RateVerdict } from '@soma/cache';
import type { Operation } from '@soma/memory';

/** Windows that never end, so that no test depends on how fast it runs. */
export class FakeLimiter implements Limiter {
  /** Set, nothing is counted and this is thrown. */
  failure: Error | undefined;
  /** While true every bucket is empty. */
  exhausted = false;
  readonly #used = new Map<string, number>();

  consume(rule: RateRule, key: string, cost = 1): Promise<RateVerdict> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const name = `${rule.name}:${key}`;
    const used = (this.#used.get(name) ?? 0) + cost;
    this.#used.set(name, used);
    return Promise.resolve({
      allowed: used <= rule.quota && !this.exhausted,
      remaining: Math.max(0, rule.quota - used),
      reset_seconds: rule.window_seconds,
    });
  }

  clear(rule: RateRule, keys: string[]): Promise<void> {
    for (const key of keys) this.#used.delete(`${rule.name}:${key}`);
    return Promise.resolve();
  }

  degraded(): boolean {
    return false;
  }

  buckets(): number {
    return this.#used.size;
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
