import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import {
  endsOf,
  GROUP_TOPICS,
  LIMIT_MS,
  standingOf,
  untilMembers,
  untilProgress,
  WORKERS,
  writesGoOn,
  type Worker,
} from './conditions.js';
import { clusterFault } from './for-profile.js';

function rewound(worker: Worker): Fault {
  return clusterFault({
    name: `${worker}-rewound`,
    title: `the group ${worker} is put back to the beginning of its topics`,
    run: async (cluster, arena) => {
      await terminated(cluster.terminate(worker), worker);
      await untilMembers(cluster, worker, 0);
      for (const topic of GROUP_TOPICS[worker]) {
        const partitions = (await endsOf(cluster, topic)).map(({ partition }) => ({
          partition,
          offset: '0',
        }));
        await cluster.kafkaAdmin((admin) => admin.setOffsets({ groupId: worker, topic, partitions }));
      }
      cluster.restart(worker);
      arena.healed();
      await cluster.untilReady(worker);
      await writesGoOn(arena);
    },
  });
}

/** @throws unless it ended with 0, as a process asked by SIGTERM must */
export async function terminated(ending: Promise<number | null>, name: string): Promise<void> {
  const code = await ending;
  if (code !== 0) throw new Error(`${name} ended with ${String(code)} after SIGTERM`);
}

export const GROUPS: readonly Fault[] = [
  ...WORKERS.map(rewound),
  ...WORKERS.map((worker) =>
    clusterFault({
      name: `${worker}-joined-and-left`,
      title: `two more processes of ${worker} come under load; one leaves in order, one is killed`,
      run: async (cluster, arena) => {
        const first = await cluster.join(worker);
        const second = await cluster.join(worker);
        try {
          await untilMembers(cluster, worker, 3);
          await writesGoOn(arena);
        } finally {
          await first.stop();
          await second.kill();
        }
        arena.healed();
        await untilMembers(cluster, worker, 1);
        await writesGoOn(arena);
      },
    }),
  ),
  clusterFault({
    name: 'writer-halted-before-produce',
    title: 'a writer stands still between transaction and produce, past the rebalance, then goes on',
    run: async (cluster, arena) => {
      const halted = await cluster.harm('writer', {
        point: 'after-transaction',
        group: 'writer',
        how: 'SIGSTOP',
        skip: arena.random.whole(0, 5),
      });
      const before = await standingOf(cluster, 'writer');
      const other = await cluster.join('writer');
      try {
        await until('another writer to own the partitions', LIMIT_MS, async () => {
          return (await standingOf(cluster, 'writer')).epoch > before.epoch;
        });
        await untilProgress(cluster, 'writer', 20);
      } finally {
        halted.signal('SIGCONT');
        arena.healed();
      }
      // It is a member again, or was started anew.
      await untilMembers(cluster, 'writer', 2);
      await writesGoOn(arena);
      await other.stop();
      await untilMembers(cluster, 'writer', 1);
    },
  }),
];
