import { KNOWN_SETTINGS, openCluster, openRedis } from '@soma/composition';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { runServices } from '@soma/service';
import { createCacheInvalidator } from './cache-invalidator.js';
import { cacheInvalidatorSettings } from './config.js';

await runServices({
  name: 'cache-invalidator',
  settings: cacheInvalidatorSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('cache-invalidator', settings, context);
    const redis = openRedis(settings, context);
    const invalidator = createCacheInvalidator({
      ...context,
      ...cluster,
      ...redis,
      memories: createPostgresMemoryStore({ pool: cluster.pool }),
      onCrash: context.crash,
    });
    return [cluster.connections, redis.closing, invalidator];
  },
});
