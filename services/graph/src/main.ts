import { KNOWN_SETTINGS, openCluster, openRedis } from '@soma/composition';
import { createPostgresGraphStore } from '@soma/graph-store/postgres';
import { runServices } from '@soma/service';
import { graphSettings } from './config.js';
import { createGraph } from './graph.js';

await runServices({
  name: 'graph',
  settings: graphSettings,
  knownSettings: KNOWN_SETTINGS,
  build: (settings, context) => {
    const cluster = openCluster('graph', settings, context);
    const redis = openRedis(settings, context);
    const graph = createGraph({
      ...context,
      ...cluster,
      outcomes: redis.outcomes,
      links: createPostgresGraphStore({ pool: cluster.pool }),
      onCrash: context.crash,
    });
    return [cluster.connections, redis.closing, graph];
  },
});
