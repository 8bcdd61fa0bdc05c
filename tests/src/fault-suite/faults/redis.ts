import type { Arena, ClusterArena, Fault } from '../fault.js';
import { writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

const SLOW_MS = 250;
/** Wide enough that reads are between asking Postgres and filling the cache when the flush comes. */
const WHILE_READING_MS = 15;
const FLUSHES = 40;

function redisFault(
  name: string,
  title: string,
  run: (cluster: ClusterArena, arena: Arena) => Promise<void>,
): Fault {
  return clusterFault({ name, title, run });
}

export const REDIS: readonly Fault[] = [
  redisFault('redis-killed', 'kill -9 of Redis, which comes back empty', async (cluster, arena) => {
    await cluster.stores.redis.kill();
    try {
      await writesGoOn(arena);
    } finally {
      await cluster.stores.redis.restart();
    }
    arena.healed();
  }),
  redisFault(
    'redis-halted',
    'Redis stands still (SIGSTOP), its connections stand',
    async (cluster, arena) => {
      cluster.stores.redis.pause();
      try {
        await writesGoOn(arena);
      } finally {
        cluster.stores.redis.resume();
      }
      arena.healed();
    },
  ),
  redisFault('redis-slow', `every answer of Redis takes ${SLOW_MS} ms longer`, async (cluster, arena) => {
    await whileRedis(cluster, SLOW_MS, () => writesGoOn(arena, 40));
    arena.healed();
  }),
  redisFault('redis-flushed', 'FLUSHALL', async (cluster, arena) => {
    await cluster.redisCommand('FLUSHALL');
    arena.healed();
    await writesGoOn(arena);
  }),
  redisFault(
    'redis-flushed-while-reading',
    'FLUSHALL again and again with reads in flight',
    async (cluster, arena) => {
      await whileRedis(cluster, WHILE_READING_MS, async () => {
        for (let flush = 0; flush < FLUSHES; flush += 1) {
          await cluster.redisCommand('FLUSHALL');
          await writesGoOn(arena, 2);
        }
      });
      arena.healed();
    },
  ),
];

async function whileRedis(cluster: ClusterArena, delayMs: number, work: () => Promise<void>): Promise<void> {
  cluster.proxies.redis.set({ delayMs });
  try {
    await work();
  } finally {
    cluster.proxies.redis.set('pass');
  }
}
