import { KNOWN_SETTINGS, openCluster, openRedis } from '@soma/composition';
import {
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresQuotas,
  createPostgresRetention,
  createPostgresRetentionPolicies,
} from '@soma/memory-store/postgres';
import { runServices } from '@soma/service';
import { keptBy, writerSettings } from './config.js';
import { createWriter } from './writer.js';

await runServices({
  name: 'writer',
  settings: writerSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('writer', settings, context);
    const redis = openRedis(settings, context);
    const writer = createWriter({
      ...context,
      ...cluster,
      ...redis,
      memories: createPostgresMemoryStore(cluster),
      erasing: createPostgresErasing(cluster),
      retention: createPostgresRetention(cluster),
      quotas: createPostgresQuotas(cluster),
      policies: createPostgresRetentionPolicies(cluster),
      ...keptBy(settings),
      onCrash: context.crash,
    });
    return [cluster.connections, redis.closing, writer];
  },
});
