import { until, type ServiceProcess } from '../../system/index.js';
import type { Arena, ClusterArena, Fault } from '../fault.js';
import {
  endsOf,
  GROUP_TOPICS,
  LIMIT_MS,
  standingOf,
  untilMembers,
  untilProgress,
  untilProjected,
  whileQuiet,
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

/** A writer that has carried out puts of still memories and announced none of them. */
async function haltedBeforeProduce(
  cluster: ClusterArena,
  arena: Arena,
): Promise<{ halted: ServiceProcess; putting: Promise<void> }> {
  const { workload } = arena;
  let putting = Promise.resolve();
  let halted: ServiceProcess | undefined;
  await whileQuiet(cluster, arena, async () => {
    const order = { point: 'after-transaction', group: 'writer', how: 'SIGSTOP' } as const;
    halted = await cluster.harm('writer', order, () => {
      putting = workload.put(workload.still);
    });
  });
  if (halted === undefined) throw new RangeError('no writer was halted');
  return { halted, putting };
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
    title:
      'a writer stands still between transaction and produce, past the rebalance and the deletion of what it ' +
      'is about to announce, then goes on',
    // The writer's own clearing away would come to the point first.
    withoutExpiry: true,
    run: async (cluster, arena) => {
      const { workload } = arena;
      const { halted, putting } = await haltedBeforeProduce(cluster, arena);
      const before = await standingOf(cluster, 'writer');
      const other = await cluster.join('writer');
      try {
        await until('another writer to own the partitions', LIMIT_MS, async () => {
          return (await standingOf(cluster, 'writer')).epoch > before.epoch;
        });
        await untilProgress(cluster, 'writer', 20);
        await putting;
        await workload.remove(workload.still);
        await untilProjected(cluster, 'indexer', workload.still);
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
