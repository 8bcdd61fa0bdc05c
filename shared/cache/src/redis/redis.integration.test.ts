import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { describeCache, describeLimiter, describeOutcomes, type CreateCache } from '../contract/index.js';
import { freshNamespace, memoryAt } from '../contract/states.js';
import { createRedisCache } from './cache.js';
import { createRedisLimiter } from './limiter.js';
import { createRedisOutcomes } from './outcomes.js';

const url = process.env['SOMA_TEST_REDIS_URL'];

if (url === undefined) {
  test.skip('redis-server is not installed', () => undefined);
} else {
  describeCache('Redis', createOn(url));
  describeOutcomes('Redis', () => Promise.resolve(createRedisOutcomes({ url })));
  describeLimiter('Redis', () => Promise.resolve(createRedisLimiter({ url })));

  describe('limiters of several processes', () => {
    const [one, other] = [createRedisLimiter({ url }), createRedisLimiter({ url })];
    afterAll(() => Promise.all([one.close(), other.close()]));

    test('count together, and one clears for all', async () => {
      const rule = { name: 'write', quota: 2, window_seconds: 60 };
      const key = freshNamespace();
      await one.consume(rule, key, 2);
      expect(await other.consume(rule, key)).toMatchObject({ allowed: false });
      await other.clear(rule, [key]);
      expect(await one.consume(rule, key)).toMatchObject({ allowed: true, remaining: 1 });
    });
  });

  describe('installations that share a Redis', () => {
    const [one, other] = [
      createRedisCache({ url, prefix: 'one' }),
      createRedisCache({ url, prefix: 'other' }),
    ];
    afterAll(() => Promise.all([one.close(), other.close()]));

    test('do not see each other by their prefixes', async () => {
      const namespace = freshNamespace();
      await one.put([memoryAt(namespace, 'k', 1)]);
      expect((await other.read(namespace, ['k']))[0]?.hit).toBe(false);
    });
  });
}

function createOn(redisUrl: string): CreateCache {
  let admin: Redis;
  beforeAll(() => {
    admin = new Redis(redisUrl);
  });
  afterAll(() => {
    admin.disconnect();
  });
  return ({ entryTtlMs, leaseTtlMs }) => {
    const cache = createRedisCache({
      url: redisUrl,
      ...(entryTtlMs === undefined ? {} : { entryTtlMs }),
      ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
    });
    return Promise.resolve({
      cache,
      evict: async (namespace, key) => {
        await admin.del(`soma:{${namespace}/${key}}:m`);
      },
      lose: async (namespace, key) => {
        await admin.del(`soma:{${namespace}/${key}}:m`, `soma:{${namespace}/${key}}:l`);
      },
      close: () => cache.close(),
    });
  };
}
