import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Limiter, RateRule } from '../port.js';
import { freshNamespace } from './states.js';
import { until } from './until.js';

/** What the Limiter port demands of every adapter. */
export function describeLimiter(name: string, create: () => Promise<Limiter>): void {
  describe(`${name} as a limiter`, () => {
    const rule: RateRule = { name: 'write', quota: 3, window_seconds: 60 };
    let limiter: Limiter;
    let key: string;
    beforeEach(async () => {
      limiter = await create();
      key = freshNamespace();
    });
    afterEach(() => limiter.close());

    test('allows the quota, then refuses, and says what remains', async () => {
      const verdicts = [];
      for (let call = 0; call < 5; call += 1) verdicts.push(await limiter.consume(rule, key));
      expect(verdicts.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
        [false, 0],
      ]);
      for (const { reset_seconds } of verdicts) {
        expect(reset_seconds).toBeGreaterThanOrEqual(59);
        expect(reset_seconds).toBeLessThanOrEqual(60);
      }
    });

    test('counts exactly under concurrency', async () => {
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, () => limiter.consume({ ...rule, quota: 20 }, key)),
      );
      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(20);
    });

    test('takes a cost, and refuses one that no longer fits', async () => {
      expect(await limiter.consume(rule, key, 2)).toMatchObject({ allowed: true, remaining: 1 });
      expect(await limiter.consume(rule, key, 2)).toMatchObject({ allowed: false, remaining: 0 });
    });

    test('keys and rules have buckets of their own', async () => {
      await limiter.consume(rule, key, 3);
      expect(await limiter.consume(rule, `${key}-other`)).toMatchObject({ allowed: true, remaining: 2 });
      expect(await limiter.consume({ ...rule, name: 'read' }, key)).toMatchObject({
        allowed: true,
        remaining: 2,
      });
    });

    test('a cleared bucket starts anew', async () => {
      await limiter.consume(rule, key, 3);
      await limiter.consume(rule, `${key}-kept`, 3);
      await limiter.clear(rule, [key, `${key}-never-used`]);
      expect(await limiter.consume(rule, key)).toMatchObject({ allowed: true, remaining: 2 });
      expect(await limiter.consume(rule, `${key}-kept`)).toMatchObject({ allowed: false });
    });

    test('a bucket starts anew when its window is over', async () => {
      const brief: RateRule = { name: 'write', quota: 1, window_seconds: 1 };
      expect(await limiter.consume(brief, key)).toMatchObject({ allowed: true, reset_seconds: 1 });
      expect(await limiter.consume(brief, key)).toMatchObject({ allowed: false, reset_seconds: 1 });
      await until(async () => (await limiter.consume(brief, key)).allowed);
    });

    test('is not degraded while its store serves', async () => {
      await limiter.consume(rule, key);
      expect(limiter.degraded()).toBe(false);
    });
  });
}
