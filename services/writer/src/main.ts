import { KNOWN_SETTINGS, openCluster, openRedis } from '@soma/composition';
import {
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresQuotas,
  createPostgresRetention,
} from '@soma/memory-store/postgres';
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
      memories: createPostgresMemoryStore(cluster),
      erasing: createPostgresErasing(cluster),
      retention: createPostgresRetention(cluster),
      quotas: createPostgresQuotas(cluster),
      dead_letter_days: settings.SOMA_DEAD_LETTER_DAYS,
      history_days: settings.SOMA_HISTORY_DAYS,
      history_versions: settings.SOMA_HISTORY_VERSIONS,
      audit_days: settings.SOMA_AUDIT_DAYS,
      onCrash: context.crash,
    });
    return [cluster.connections, redis.closing, writer];
  },
});
