import { collectionOf, embedderFrom, KNOWN_SETTINGS, openCluster, openIndex } from '@soma/composition';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { runServices } from '@soma/service';
import { createPostgresCollections } from '@soma/vector-index/postgres';
import { indexerSettings } from './config.js';
import { createIndexer } from './indexer.js';

await runServices({
  name: 'indexer',
  settings: indexerSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('indexer', settings, context);
    const { index, closing } = openIndex(settings, cluster.pool, context);
    const embedder = embedderFrom(settings, context.logger, context.registry);
    const collection = collectionOf(embedder);
    const indexer = createIndexer({
      ...context,
      ...cluster,
      index,
      embedder,
      collection,
      collections: createPostgresCollections({ pool: cluster.pool, base: collection }),
      memories: createPostgresMemoryStore({ pool: cluster.pool }),
      onCrash: context.crash,
    });
    return [cluster.connections, closing, indexer];
  },
});
