import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import { LIMIT_MS, writesGoOn } from './conditions.js';
import { anyFault, clusterFault } from './for-profile.js';

/** 100 records beside the 1% that the workload always has. */
const POISONS = 100;
const REDIRECTS = 150;
const LARGEST = 40;
const SENT_AGAIN = 100;

const COUNT_DEAD_LETTERS = 'select count(*)::int as letters from dead_letters';

export const BURSTS: readonly Fault[] = [
  clusterFault({
    name: 'poison',
    title: 'a burst of records that no worker can carry out',
    overlaps: true,
    run: async (cluster, arena) => {
      const letters = async () =>
        (await cluster.sql<{ letters: number }>(COUNT_DEAD_LETTERS))[0]?.letters ?? 0;
      const before = await letters();
      await arena.workload.burst('poison', POISONS);
      arena.healed();
      await until('dead letters', LIMIT_MS, async () => (await letters()) > before);
      await writesGoOn(arena);
    },
  }),
  clusterFault({
    name: 'other-partitioner',
    title: 'a burst of commands that producers sent to other partitions than their keys belong to',
    overlaps: true,
    run: async (_cluster, arena) => {
      await arena.workload.burst('other-partitioner', REDIRECTS);
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  anyFault({
    name: 'commands-sent-again',
    title: 'a producer sends its commands once more, after others have been carried out',
    overlaps: true,
    run: async (_tools, arena) => {
      await writesGoOn(arena, 40);
      await arena.workload.burst('sent-again', SENT_AGAIN);
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  anyFault({
    name: 'largest-payloads',
    title: 'a burst of the largest payloads',
    overlaps: true,
    run: async (_tools, arena) => {
      await arena.workload.burst('largest-payloads', LARGEST);
      arena.healed();
      await writesGoOn(arena);
    },
  }),
];
