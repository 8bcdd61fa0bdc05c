import type { Arena, ClusterArena, Fault } from '../fault.js';
import type { Place } from '../history/keyspace.js';
import { untilProjected, whileQuiet, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

/** A lease stands for 5 s: what takes longer leaves it over, and is only slow. */
const LEASE_MS = 5_000;

/** A reader stands still between Postgres and its fill of the cache. Meanwhile: the memories change, and an entry goes. */
export const READERS: readonly Fault[] = [
  clusterFault({
    name: 'query-halted-before-fill',
    title:
      'a reader stands still (SIGSTOP) between its read of Postgres and its fill of the cache, while the memories ' +
      'change and the cache evicts one of them',
    run: async (cluster, arena) => {
      const { still } = arena.workload;
      const namespaces = new Set(still.map(({ namespace }) => namespace));
      await whileQuiet(cluster, arena, async () => {
        for (const namespace of namespaces)
          await changedWhileRead(
            still.filter((place) => place.namespace === namespace),
            cluster,
            arena,
          );
      });
      arena.healed();
      await writesGoOn(arena);
    },
  }),
];

async function changedWhileRead(
  places: readonly Place[],
  cluster: ClusterArena,
  { workload, say }: Arena,
): Promise<void> {
  const [evicted] = places;
  if (evicted === undefined) throw new RangeError('nothing to read');
  await workload.put(places);
  await untilProjected(cluster, 'cache-invalidator', places);
  await cluster.redisCommand('FLUSHALL');
  const beganAt = performance.now();
  let reading = Promise.resolve();
  const order = { point: 'after-read', group: 'query', how: 'SIGSTOP' } as const;
  const reader = await cluster.harm('query', order, () => {
    reading = workload.read(places);
  });
  try {
    await workload.put(places);
    await untilProjected(cluster, 'cache-invalidator', places);
    await evict(evicted, cluster);
  } finally {
    reader.signal('SIGCONT');
  }
  const heldMs = Math.round(performance.now() - beganAt);
  if (heldMs > LEASE_MS) say(`the reader stood for ${heldMs} ms, longer than its lease`);
  await reading;
}

/** As a cache that is full does. */
async function evict({ namespace, key }: Place, cluster: ClusterArena): Promise<void> {
  const entries = await cluster.redisCommand('KEYS', `*:{${namespace}/${key}}:m`);
  for (const entry of entries as string[]) await cluster.redisCommand('DEL', entry);
}
