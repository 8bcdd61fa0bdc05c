import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Operation } from '@soma/memory';
import { startRedis, startRedisSentinel, type RunningRedis } from '@soma/testing';
import { freshNamespace, memoryAt, operationOf } from '../contract/states.js';
import { until, untilDone } from '../contract/until.js';
import type { Cache } from '../port.js';
import { createRedisCache } from './cache.js';
import { createRedisLimiter } from './limiter.js';
import { createRedisOutcomes } from './outcomes.js';

if (process.env['SOMA_TEST_REDIS_URL'] === undefined) {
  test.skip('redis-server is not installed', () => undefined);
} else {
  describe('the cache when Redis loses what it had', () => {
    let redis: RunningRedis;
    let cache: Cache;
    let admin: Redis;
    beforeAll(async () => {
      redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
      cache = createRedisCache({ url: redis.url });
      admin = new Redis(redis.url);
      admin.on('error', () => undefined);
    });
    afterAll(async () => {
      await cache.close();
      admin.disconnect();
      await redis.stop();
    });

    test('FLUSHALL between a change and a slow reader does not let the old state in', async () => {
      const namespace = freshNamespace();
      const lease = await leaseOf(cache, namespace);
      await cache.put([memoryAt(namespace, 'k', 2)]);
      await admin.flushall();
      await cache.fill(namespace, 'k', lease, memoryAt(namespace, 'k', 1));
      const [read] = await cache.read(namespace, ['k']);
      expect(read).toEqual({ hit: false, lease: expect.any(String) });
    });

    test('FLUSHALL alone ends the leases that stood', async () => {
      const namespace = freshNamespace();
      const lease = await leaseOf(cache, namespace);
      await admin.flushall();
      await cache.fill(namespace, 'k', lease, memoryAt(namespace, 'k', 1));
      expect((await cache.read(namespace, ['k']))[0]?.hit).toBe(false);
    });

    test('entries and leases that a restart brings back from disk are absent, for later puts may be lost', async () => {
      const namespace = freshNamespace();
      await cache.put([memoryAt(namespace, 'entry', 1)]);
      const [missed] = await cache.read(namespace, ['k']);
      const lease = missed?.hit === false ? String(missed.lease) : '';
      await redis.kill();
      await redis.restart();
      await untilDone(() => cache.ping());
      expect(await admin.exists(`soma:{${namespace}/entry}:m`, `soma:{${namespace}/k}:l`)).toBe(2);
      expect((await cache.read(namespace, ['entry']))[0]?.hit).toBe(false);
      await cache.fill(namespace, 'k', lease, memoryAt(namespace, 'k', 1));
      expect((await cache.read(namespace, ['k']))[0]?.hit).toBe(false);
      await cache.put([memoryAt(namespace, 'entry', 1)]);
      expect((await cache.read(namespace, ['entry']))[0]?.hit).toBe(true);
    });

    test('a Redis that is full still answers what it has, and loses what is no longer so', async () => {
      const namespace = freshNamespace();
      await cache.put([memoryAt(namespace, 'there', 1)]);
      await admin.config('SET', 'maxmemory', '1');
      try {
        const reads = await cache.read(namespace, ['there', 'absent']);
        expect(reads).toEqual([
          { hit: true, state: memoryAt(namespace, 'there', 1) },
          { hit: false, lease: null },
        ]);
        await cache.put([memoryAt(namespace, 'there', 2)]);
        expect((await cache.read(namespace, ['there']))[0]?.hit).toBe(false);
      } finally {
        await admin.config('SET', 'maxmemory', '0');
      }
    });
  });

  describe('while Redis is out', () => {
    let redis: RunningRedis;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis.stop());

    test('the cache fails at once when refused, in time when hung, says so, and comes back by itself', async () => {
      const errors: Error[] = [];
      const cache = createRedisCache({ url: redis.url, onError: (error) => errors.push(error) });
      // Would hold the test past its own limit if it waited for its timeout.
      const patient = createRedisCache({ url: redis.url, commandTimeoutMs: 3_600_000 });
      const secret = memoryAt('default', 'k', 1, 'a payload that must not be seen');
      try {
        await cache.put([secret]);
        await patient.put([secret]);
        redis.pause();
        const hung = await Promise.allSettled([
          cache.put([secret]),
          cache.read('default', ['k']),
          cache.ping(),
        ]);
        redis.resume();
        await redis.kill();
        const refused = await patient.put([secret]).catch((error: unknown) => error);
        for (const reason of [
          ...hung.map((result) => (result as PromiseRejectedResult).reason as unknown),
          refused,
        ]) {
          expect(reason).toMatchObject({ code: 'cache_unavailable', retryable: true });
        }
        await until(() => errors.length > 0);
        expect(inspect([hung, refused, errors], { depth: 10 })).not.toContain('a payload');
        await redis.restart();
        await untilDone(() => cache.put([secret]));
      } finally {
        await cache.close();
        await patient.close();
      }
    });

    test('a connection that hangs is replaced', async () => {
      const errors: Error[] = [];
      const cache = createRedisCache({
        url: redis.url,
        commandTimeoutMs: 250,
        onError: (error) => errors.push(error),
      });
      try {
        await untilDone(() => cache.ping());
        redis.pause();
        await expect(cache.ping()).rejects.toMatchObject({ code: 'cache_unavailable' });
        await until(() => errors.length > 0);
        redis.resume();
        await untilDone(() => cache.ping());
      } finally {
        redis.resume();
        await cache.close();
      }
    });

    test('a process that starts before Redis does gets it later', async () => {
      await redis.kill();
      const cache = createRedisCache({ url: redis.url });
      try {
        await expect(cache.ping()).rejects.toMatchObject({ code: 'cache_unavailable' });
        await redis.restart();
        await untilDone(() => cache.ping());
      } finally {
        await cache.close();
      }
    });

    test('the limiter counts in memory, says that it is degraded, and goes back', async () => {
      const limiter = createRedisLimiter({ url: redis.url });
      const rule = { name: 'write', quota: 2, window_seconds: 60 };
      try {
        await limiter.consume(rule, 'k');
        await redis.kill();
        const verdicts = [];
        for (let call = 0; call < 3; call += 1) verdicts.push((await limiter.consume(rule, 'k')).allowed);
        expect(verdicts).toEqual([true, true, false]);
        expect(limiter.degraded()).toBe(true);
        await limiter.clear(rule, ['k']);
        expect((await limiter.consume(rule, 'k')).allowed).toBe(true);
        await redis.restart();
        await until(async () => {
          await limiter.consume(rule, freshNamespace());
          return !limiter.degraded();
        });
      } finally {
        await limiter.close();
      }
    });

    test('outcomes are dropped and counted, never failed, and heard again afterwards', async () => {
      let dropped = 0;
      const outcomes = createRedisOutcomes({
        url: redis.url,
        metrics: { dropped: (operations) => void (dropped += operations) },
      });
      const heard: Operation[] = [];
      try {
        await outcomes.subscribe('me', (operations) => heard.push(...operations));
        await redis.kill();
        await outcomes.publish('me', [operationOf('1'), operationOf('2')]);
        await until(() => dropped === 2);
        await redis.restart();
        await until(async () => {
          await outcomes.publish('me', [operationOf('3')]);
          return heard.length > 0;
        });
        expect(heard[0]).toEqual(operationOf('3'));
      } finally {
        await outcomes.close();
      }
    });

    test('publications that pile up behind a hung Redis are bounded', async () => {
      let dropped = 0;
      const outcomes = createRedisOutcomes({
        url: redis.url,
        metrics: { dropped: (operations) => void (dropped += operations) },
      });
      try {
        await outcomes.subscribe('me', () => undefined);
        redis.pause();
        for (let call = 0; call < 1_500; call += 1) await outcomes.publish('me', [operationOf('1')]);
        expect(dropped).toBe(500);
      } finally {
        redis.resume();
        await outcomes.close();
      }
    });

    test('what others publish on the channel does no harm', async () => {
      const outcomes = createRedisOutcomes({ url: redis.url });
      const stranger = new Redis(redis.url);
      const heard: Operation[] = [];
      try {
        await outcomes.subscribe('me', (operations) => heard.push(...operations));
        for (const message of ['', 'nonsense', '{}', '[1]', 'null'])
          await stranger.publish('soma:outcomes:me', message);
        await outcomes.publish('me', [operationOf('1')]);
        await until(() => heard.length > 0);
        expect(heard).toEqual([operationOf('1')]);
      } finally {
        stranger.disconnect();
        await outcomes.close();
      }
    });
  });

  test('Sentinel leads to the new master, whose entries may be old and count as absent', async () => {
    const redis = await startRedisSentinel();
    const cache = createRedisCache({ url: redis.url });
    const put = (revision: number) => cache.put([memoryAt('default', 'k', revision)]);
    try {
      await put(1);
      await redis.master.kill();
      await expect(put(2)).rejects.toMatchObject({ code: 'cache_unavailable' });
      await untilDone(() => cache.ping());
      expect((await cache.read('default', ['k']))[0]?.hit).toBe(false);
      await put(2);
      expect(await cache.read('default', ['k'])).toEqual([{ hit: true, state: memoryAt('default', 'k', 2) }]);
    } finally {
      await cache.close();
      await redis.stop();
    }
  }, 40_000);

  test('a refused login is told without the password', async () => {
    const redis = await startRedis();
    const errors: Error[] = [];
    const url = redis.url.replace('//', '//nobody:open-sesame@');
    const cache = createRedisCache({ url, onError: (error) => errors.push(error) });
    try {
      const failure = await cache.ping().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'cache_unavailable' });
      await until(() => errors.length > 0);
      expect(errors[0]?.message).toContain('WRONGPASS');
      expect(inspect([failure, errors], { depth: 10 })).not.toContain('open-sesame');
    } finally {
      await cache.close();
      await redis.stop();
    }
  });
}

async function leaseOf(cache: Cache, namespace: string): Promise<string> {
  const [read] = await cache.read(namespace, ['k']);
  if (read?.hit !== false || read.lease === null) throw new Error('no lease');
  return read.lease;
}
