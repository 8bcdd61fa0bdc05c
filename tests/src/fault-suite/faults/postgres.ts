import { until } from '../../system/index.js';
import type { Arena, ClusterArena, Fault } from '../fault.js';
import { LIMIT_MS, untilSql, writesGoOn } from './conditions.js';
import { clusterFault, standaloneFault } from './for-profile.js';

/** The writer stands still with a transaction open while `work` runs, then goes on. */
async function whileInTransaction(
  cluster: ClusterArena,
  { random }: Arena,
  work: () => Promise<void>,
): Promise<void> {
  const skip = random.whole(0, 3);
  const writer = await cluster.harm('writer', {
    point: 'in-transaction',
    group: 'writer',
    how: 'SIGSTOP',
    skip,
  });
  try {
    await work();
  } finally {
    writer.signal('SIGCONT');
  }
}

const IN_TRANSACTION = `
  select pid from pg_stat_activity
  where application_name = 'soma writer' and state = 'idle in transaction' order by xact_start`;

/** How long writes may be promised before Postgres comes back: some are to run into it. */
const OUTAGE_MS = 5_000;

export const POSTGRES: readonly Fault[] = [
  clusterFault({
    name: 'postgres-backend-killed',
    title: "kill -9 of the backend of the writer's open transaction, which makes Postgres recover",
    run: async (cluster, arena) => {
      await whileInTransaction(cluster, arena, async () => {
        const backend = await until("the writer's backend", LIMIT_MS, async () => {
          return (await cluster.sql<{ pid: number }>(IN_TRANSACTION))[0]?.pid;
        });
        process.kill(backend, 'SIGKILL');
      });
      arena.healed();
      await untilSql(cluster);
      await writesGoOn(arena);
    },
  }),
  clusterFault({
    name: 'postgres-killed',
    title: 'kill -9 of Postgres with a transaction of the writer open',
    run: async (cluster, arena) => {
      const { postgres } = cluster.stores;
      await whileInTransaction(cluster, arena, () => postgres.kill());
      await arena.workload.acknowledgedMore(20, OUTAGE_MS);
      await postgres.restart();
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  clusterFault({
    name: 'postgres-stopped',
    title: 'Postgres is stopped in order for a while, under load',
    run: async (cluster, arena) => {
      const { postgres } = cluster.stores;
      await postgres.halt();
      await arena.workload.acknowledgedMore(50, OUTAGE_MS);
      await postgres.restart();
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  standaloneFault({
    name: 'standalone-postgres-killed',
    title: 'kill -9 of the embedded Postgres under load',
    run: async (standalone, arena) => {
      const victim = standalone.process;
      await standalone.postgres.kill();
      arena.healed();
      await until('another process', LIMIT_MS, () => standalone.process !== victim);
      await standalone.untilReady();
    },
  }),
];
