import { TOPICS } from '@soma/events';
import { until, type ServiceName, type ServiceProcess } from '../../system/index.js';
import type { Fault } from '../fault.js';
import type { Point } from '../tools/fault-orders.js';
import { LIMIT_MS, whileQuiet, type Worker } from './conditions.js';
import { clusterFault, standaloneFault } from './for-profile.js';

/** Passes through the point that may be let go first, so that not always the first batch is hit. */
const MOST_SKIPPED = 5;

/** Those of a batch. */
type BatchPoint = Exclude<Point, 'after-read'>;

const POINTS: Record<Worker, readonly BatchPoint[]> = {
  writer: ['before-transaction', 'in-transaction', 'after-transaction', 'after-produce', 'before-commit'],
  graph: ['before-transaction', 'in-transaction', 'after-transaction', 'before-commit'],
  indexer: ['before-transaction', 'after-transaction', 'before-commit'],
  'cache-invalidator': ['before-transaction', 'after-transaction', 'before-commit'],
};

const WORDS: Record<BatchPoint, string> = {
  'before-transaction': 'before the transaction of a batch',
  'in-transaction': 'inside the transaction of a batch',
  'after-transaction': 'after the transaction of a batch',
  'after-produce': 'after the produce of a batch',
  'before-commit': "before the commit of the group's offsets",
};

const inCluster = Object.entries(POINTS).flatMap(([worker, points]) =>
  points.map((point) => killed(worker as Worker, point)),
);

function killed(service: ServiceName, point: BatchPoint): Fault {
  const topic = service === 'gateway' ? TOPICS.memoryCommands : TOPICS.memoryEvents;
  return clusterFault({
    name: `${service}-killed-${point}`,
    title: `kill -9 of the ${service} ${WORDS[point]}`,
    overlaps: true,
    run: async (cluster, arena) => {
      const victim = await cluster.harm(service, {
        point,
        group: service,
        how: 'SIGKILL',
        skip: arena.random.whole(0, MOST_SKIPPED),
        ...(point === 'after-produce' ? { topic } : {}),
      });
      arena.healed();
      await until(`another ${service}`, LIMIT_MS, () => cluster.service(service) !== victim);
    },
  });
}

/** The one process has all groups, and its log is in Postgres: the points of its transactions remain. */
const inStandalone = (['writer', 'graph', 'indexer', 'cache-invalidator'] as const).flatMap((group) =>
  (['before-transaction', 'after-transaction'] as const).map((point) =>
    standaloneFault({
      name: `standalone-killed-${point}-of-${group}`,
      title: `kill -9 of the process ${WORDS[point]} of the ${group}`,
      run: async (standalone, arena) => {
        const skip = arena.random.whole(0, MOST_SKIPPED);
        const victim = await standalone.harm({ point, group, how: 'SIGKILL', skip });
        arena.healed();
        await until('another process', LIMIT_MS, () => standalone.process !== victim);
      },
    }),
  ),
);

export const KILL_POINTS: readonly Fault[] = [
  ...inCluster,
  killed('gateway', 'after-produce'),
  clusterFault({
    name: 'writer-killed-after-last-changes',
    title: 'kill -9 of the writer between transaction and produce of what then nobody changes any more',
    // The writer's own clearing away would come to the point first.
    withoutExpiry: true,
    run: async (cluster, arena) => {
      const { workload } = arena;
      const order = { point: 'after-transaction', group: 'writer', how: 'SIGKILL' } as const;
      let putting: Promise<void> | undefined;
      let victim: ServiceProcess | undefined;
      await whileQuiet(cluster, arena, async () => {
        victim = await cluster.harm('writer', order, () => {
          putting ??= workload.put(workload.still);
        });
      });
      arena.healed();
      await until('another writer', LIMIT_MS, () => cluster.service('writer') !== victim);
      await putting;
    },
  }),
  ...inStandalone,
];
