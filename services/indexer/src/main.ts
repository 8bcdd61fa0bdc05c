import { KNOWN_SETTINGS, openCluster, openGenerations, openIndex } from '@soma/composition';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { runServices } from '@soma/service';
import { indexerSettings, keptForMs } from './config.js';
import { createIndexer } from './indexer.js';

await runServices({
  name: 'indexer',
  settings: indexerSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('indexer', settings, context);
    const { index, closing } = openIndex(settings, cluster.pool, context);
    const embedders = openGenerations(settings, cluster.pool, context);
    const indexer = createIndexer({
      ...context,
      ...cluster,
      index,
      collections: embedders.collections,
      generations: embedders.generations,
      keepMs: keptForMs(settings),
      memories: createPostgresMemoryStore({ pool: cluster.pool }),
      onCrash: context.crash,
    });
    return [cluster.connections, closing, embedders.closing, indexer];
  },
});
