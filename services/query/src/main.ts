import { createServer } from 'node:http';
import {
  closing as closingService,
  cutWalks,
  KNOWN_SETTINGS,
  openCluster,
  openGenerations,
  openIndex,
  openRedis,
} from '@soma/composition';
import { createPostgresGraphStore } from '@soma/graph-store/postgres';
import { ProgressWatch } from '@soma/ledger';
import { createPostgresAccessCounts, createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { CallsUnderWay, createReadsApp } from '@soma/reads/http';
import { runServices } from '@soma/service';
import { querySettings } from './config.js';
import { listening } from './listening.js';
import { createQuery } from './query.js';
import { weightsFrom } from './search/weights.js';

await runServices({
  name: 'query',
  settings: querySettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('query', settings, context);
    const redis = openRedis(settings, context);
    const { index, closing } = openIndex(settings, cluster.pool, context);
    const embedders = openGenerations(settings, cluster.pool, context);
    const watch = new ProgressWatch({ ledger: cluster.ledger });
    const query = createQuery({
      ...context,
      ...cluster,
      cache: redis.cache,
      index,
      generations: embedders.generations,
      watch,
      memories: createPostgresMemoryStore({ pool: cluster.pool }),
      links: createPostgresGraphStore({ pool: cluster.pool, observer: cutWalks(context.registry) }),
      searchTimeoutMs: settings.SOMA_SEARCH_TIMEOUT,
      accesses: settings.SOMA_ACCESS_COUNTS ? createPostgresAccessCounts(cluster) : undefined,
      weights: weightsFrom(settings.SOMA_RECALL_WEIGHTS),
      onCrash: context.crash,
    });
    const app = createReadsApp({
      calls: new CallsUnderWay(
        {
          maxCalls: settings.SOMA_QUERY_MAX_IN_FLIGHT,
          maxAnswerBytes: settings.SOMA_QUERY_MAX_ANSWER_MEMORY,
        },
        context.registry,
      ),
      reads: query.reads,
      token: settings.SOMA_INTERNAL_TOKEN,
      logger: context.logger,
    });
    const port = listening(createServer(app), settings.SOMA_QUERY_HOST, settings.SOMA_QUERY_PORT);
    const watching = closingService('watch', () => {
      watch.close();
    });
    return [cluster.connections, redis.closing, closing, embedders.closing, watching, query, port];
  },
});
