import { SERVICES, until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import { LIMIT_MS, writesGoOn } from './conditions.js';
import { clusterFault, standaloneFault } from './for-profile.js';
import { terminated } from './groups.js';

export const TERMINATED: readonly Fault[] = [
  ...SERVICES.map((service) =>
    clusterFault({
      name: `${service}-terminated`,
      title: `SIGTERM of the ${service} under load: it ends with 0`,
      run: async (cluster, arena) => {
        await writesGoOn(arena, 5);
        const ending = cluster.terminate(service);
        await terminated(ending, service).finally(() => {
          cluster.restart(service);
        });
        arena.healed();
        await cluster.untilReady(service);
        await writesGoOn(arena);
      },
    }),
  ),
  standaloneFault({
    name: 'standalone-terminated',
    title: 'SIGTERM of the process under load: it ends with 0',
    run: async (standalone, arena) => {
      await writesGoOn(arena, 5);
      await standalone.restart('SIGTERM');
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  standaloneFault({
    name: 'standalone-killed',
    title: 'kill -9 of the process under load',
    run: async (standalone, arena) => {
      await writesGoOn(arena, 5);
      await standalone.restart('SIGKILL');
      arena.healed();
      await writesGoOn(arena);
    },
  }),
  standaloneFault({
    name: 'standalone-halted',
    title: 'the process stands still (SIGSTOP) for longer than a membership lasts',
    run: async (standalone, arena) => {
      const halted = standalone.process;
      halted.signal('SIGSTOP');
      try {
        await until('the members of all groups to be given up', LIMIT_MS, async () => {
          return (await standalone.sql<{ stale: boolean }>(STALE_MEMBERS))[0]?.stale;
        });
      } finally {
        halted.signal('SIGCONT');
      }
      arena.healed();
      await writesGoOn(arena);
    },
  }),
];

const STALE_MEMBERS = `
  select coalesce(bool_and(heartbeat_at < now() - interval '20 seconds'), true) as stale from log_members`;
