import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, type ServiceName } from '../../system/index.js';
import type { Fault } from '../fault.js';
import { untilProgress, WORKERS, writesGoOn } from './conditions.js';
import { clusterFault, standaloneFault } from './for-profile.js';

const HOUR_MS = 3_600_000;
/** How long a group of the arena waits for a sign of life. */
const SESSION_MS = 10_000;

function skewed(service: ServiceName): Fault {
  return clusterFault({
    name: `${service}-clock-skewed`,
    title: `the clock of the ${service} is an hour off, then right again`,
    overlaps: true,
    run: async (cluster, arena) => {
      const shiftMs = arena.random.pick([HOUR_MS, -HOUR_MS]);
      arena.say(`the clock of ${service} is ${shiftMs > 0 ? 'ahead' : 'behind'}`);
      await cluster.shiftClock(service, shiftMs);
      try {
        await writesGoOn(arena, 40);
        const worker = WORKERS.find((name) => name === service);
        if (worker !== undefined) await untilProgress(cluster, worker, 10);
      } finally {
        await cluster.shiftClock(service, 0);
      }
      // A group that hears no more of a member since then, takes it for dead by now.
      await sleep(SESSION_MS + 2_000);
      arena.healed();
    },
  });
}

export const CLOCK: readonly Fault[] = [
  ...SERVICES.map(skewed),
  standaloneFault({
    name: 'standalone-clock-skewed',
    title: 'the clock of the process, though not that of its Postgres, is an hour off, then right again',
    run: async (standalone, arena) => {
      await standalone.shiftClock(arena.random.pick([HOUR_MS, -HOUR_MS]));
      try {
        await writesGoOn(arena, 40);
      } finally {
        await standalone.shiftClock(0);
      }
      arena.healed();
    },
  }),
];
