import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRedisCluster } from '@soma/testing';
import { describeCache, describeLimiter, describeOutcomes } from '../contract/index.js';
import { freshNamespace, memoryAt } from '../contract/states.js';
import { untilDone } from '../contract/until.js';
import { createRedisCache } from './cache.js';
import { createRedisLimiter } from './limiter.js';
import { createRedisOutcomes } from './outcomes.js';

if (process.env['SOMA_TEST_REDIS_URL'] === undefined) {
  test.skip('redis-server is not installed', () => undefined);
} else {
  describe('with three masters', () => {
    let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
    let admin: Cluster;
    beforeAll(async () => {
      cluster = await startRedisCluster();
      admin = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    });
    afterAll(async () => {
      admin.disconnect();
      await cluster.stop();
    });

    describeCache('Redis Cluster', ({ entryTtlMs, leaseTtlMs }) => {
      const cache = createRedisCache({
        url: cluster.url,
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
    });
    describeOutcomes('Redis Cluster', () => Promise.resolve(createRedisOutcomes({ url: cluster.url })));
    describeLimiter('Redis Cluster', () => Promise.resolve(createRedisLimiter({ url: cluster.url })));

    test('a node that dies fails its keys fast, and the rest goes on', async () => {
      const cache = createRedisCache({ url: cluster.url });
      try {
        const namespace = freshNamespace();
        const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
        await cache.put(keys.map((key) => memoryAt(namespace, key, 1)));
        await cluster.nodes[2]?.kill();
        await expect(cache.read(namespace, keys)).rejects.toMatchObject({ code: 'cache_unavailable' });
        await cluster.nodes[2]?.restart();
        await untilDone(() => cache.read(namespace, keys));
      } finally {
        await cache.close();
      }
    }, 30_000);
  });
}
