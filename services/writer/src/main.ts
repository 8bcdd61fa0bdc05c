import { KNOWN_SETTINGS, openCluster, openRedis } from '@soma/composition';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { runServices } from '@soma/service';
import { writerSettings } from './config.js';
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
      memories: createPostgresMemoryStore({ pool: cluster.pool }),
      onCrash: context.crash,
    });
    return [cluster.connections, redis.closing, writer];
  },
});
