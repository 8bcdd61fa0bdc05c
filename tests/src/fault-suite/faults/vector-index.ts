import { until } from '../../system/index.js';
import type { Arena, ClusterArena, Fault } from '../fault.js';
import type { HttpProxyMode } from '../tools/http-proxy.js';
import { copyOfCollections, emptyCollections } from '../tools/qdrant-collections.js';
import { LIMIT_MS, untilProgress, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

const SLOW_MS = 2_000;
const ENOUGH = 5;

function indexFault(name: string, title: string, mode: HttpProxyMode): Fault {
  return clusterFault({
    name,
    title,
    needs: ['qdrant'],
    run: async (cluster, arena) => {
      const index = indexOf(cluster);
      const before = index.touched;
      index.set(mode);
      try {
        await until(`${ENOUGH} requests to the index`, LIMIT_MS, () => index.touched >= before + ENOUGH);
        await writesGoOn(arena);
      } finally {
        index.set('pass');
      }
      arena.healed();
    },
  });
}

function indexOf({ proxies: { index } }: ClusterArena) {
  if (index === undefined) throw new RangeError('the arena has no Qdrant');
  return index;
}

/** The rows that stand for Qdrant without one: everything of them goes, as in a restored schema. */
const EMPTY_ROWS = 'truncate index_points, index_progress';

async function emptied(cluster: ClusterArena, arena: Arena, empty: () => Promise<unknown>): Promise<void> {
  await untilProgress(cluster, 'indexer', 20);
  await empty();
  arena.healed();
  await writesGoOn(arena);
}

export const VECTOR_INDEX: readonly Fault[] = [
  indexFault('index-down', 'connections to Qdrant are reset', 'refuse'),
  indexFault('index-hangs', 'Qdrant answers nothing', 'hang'),
  indexFault('index-slow', `every answer of Qdrant takes ${SLOW_MS} ms longer`, { delayMs: SLOW_MS }),
  indexFault('index-rate-limited', 'Qdrant answers 429', { status: 429, headers: { 'retry-after': '1' } }),
  indexFault('index-unavailable', 'Qdrant answers 503', { status: 503 }),
  clusterFault({
    name: 'index-takes-no-points',
    title: 'Qdrant answers 503 to new points, and to everything else as ever',
    needs: ['qdrant'],
    run: async (cluster, arena) => {
      const index = indexOf(cluster);
      const before = index.touched;
      // Upserts are the only PUT of those who have their collection.
      index.set({ status: 503, method: 'PUT' });
      try {
        await arena.workload.put(arena.workload.still);
        await until(`${ENOUGH} refused upserts`, LIMIT_MS, () => index.touched >= before + ENOUGH);
        await writesGoOn(arena);
      } finally {
        index.set('pass');
      }
      arena.healed();
    },
  }),
  clusterFault({
    name: 'index-emptied',
    title: 'all points of the vector collection go, under load',
    needs: ['qdrant'],
    run: (cluster, arena) => emptied(cluster, arena, () => emptyCollections(indexOf(cluster).target)),
  }),
  clusterFault({
    name: 'index-rows-emptied',
    title: 'all rows of the embedded index go, under load',
    run: (cluster, arena) => emptied(cluster, arena, () => cluster.sql(EMPTY_ROWS)),
  }),
  clusterFault({
    name: 'index-put-back',
    title: 'the vector collection is put back to what it was a while ago, under load',
    needs: ['qdrant'],
    run: async (cluster, arena) => {
      const copy = await copyOfCollections(indexOf(cluster).target);
      await writesGoOn(arena, 60);
      await untilProgress(cluster, 'indexer', 20);
      await emptyCollections(indexOf(cluster).target);
      await copy.putBack();
      arena.healed();
      await writesGoOn(arena);
    },
  }),
];
