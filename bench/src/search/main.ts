import { parseArgs } from 'node:util';
import { createBundledEmbedder } from '@soma/embedder/bundled';
import type { Embedder } from '@soma/embedder';
import {
  makeDataDir,
  standalonePostgresUrl,
  startCluster,
  startStandalone,
  type System,
} from '@soma/tests/system';
import { ApiClient } from '../api-client.js';
import { fill, untilIndexed } from '../filling.js';
import { startDurableStores, UNLIMITED } from '../profiles.js';
import { openBareSearch } from './bare-search.js';
import { measureSearches, type SearchFigures } from './measure-searches.js';
import { searchReport } from './report.js';

/*
 * npm run bench:search [-- --sizes 1000,10000,100000]: what a search costs as memories grow in number, stage by stage,
 * beside the least that it could cost: embedding the query and asking the index. With SOMA_QDRANT_URL the cluster
 * profile on that Qdrant is measured too.
 */

const NAMESPACE = 'bench';
const ENV = { ...UNLIMITED, SOMA_EMBEDDER: 'bundled', SOMA_MAX_BACKLOG: '1000000' };

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '1000,10000,100000' } } });
const sizes = values.sizes.split(',').map(Number);
if (sizes.some((size) => !(size > 0)))
  throw new RangeError('--sizes are numbers of memories, comma-separated');

const embedder = createBundledEmbedder({});
await embedder.start();
try {
  console.log('standalone, embedded index');
  console.log(searchReport(await onStandalone(embedder)));
  const qdrantUrl = process.env['SOMA_QDRANT_URL'];
  if (qdrantUrl === undefined) console.log('Qdrant left out: SOMA_QDRANT_URL is not set');
  else {
    console.log('cluster, Qdrant');
    console.log(searchReport(await onQdrant(qdrantUrl, embedder)));
  }
} finally {
  await embedder.close();
}

async function onStandalone(embedder: Embedder): Promise<SearchFigures[]> {
  const dataDir = await makeDataDir();
  const system = await startStandalone({ dataDir: dataDir.path, env: ENV });
  try {
    const postgresUrl = await standalonePostgresUrl(dataDir.path);
    return await growing(system, system.opsUrls['standalone'] ?? '', () =>
      openBareSearch(postgresUrl, undefined, embedder),
    );
  } finally {
    await system.stop();
    await dataDir.remove();
  }
}

async function onQdrant(url: string, embedder: Embedder): Promise<SearchFigures[]> {
  const stores = await startDurableStores();
  const cluster = await startCluster({ stores, env: ENV });
  try {
    return await growing(cluster, cluster.opsUrls['query'] ?? '', () =>
      openBareSearch(stores.postgres.url, url, embedder),
    );
  } finally {
    await cluster.stop();
    await stores.stop();
  }
}

async function growing(
  system: System,
  opsUrl: string,
  openBare: () => ReturnType<typeof openBareSearch>,
): Promise<SearchFigures[]> {
  const api = new ApiClient({ ...system, namespace: NAMESPACE });
  const figures: SearchFigures[] = [];
  let from = 0;
  for (const [earlier, memories] of sizes.entries()) {
    console.log(`${memories} memories …`);
    await fill(api, { from, to: memories });
    await untilIndexed(api, memories);
    from = memories;
    const bare = await openBare();
    try {
      figures.push(await measureSearches({ api, namespace: NAMESPACE, opsUrl, bare, memories, earlier }));
    } finally {
      await bare.close();
    }
  }
  return figures;
}
