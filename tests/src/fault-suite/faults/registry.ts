import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import { LIMIT_MS, WORKERS, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

export const REGISTRY: readonly Fault[] = [
  clusterFault({
    name: 'registry-down',
    title: 'the schema registry is out while a worker starts that has to ask it',
    run: async (cluster, arena) => {
      const { registry } = cluster.proxies;
      const worker = arena.random.pick(WORKERS);
      registry.set('refuse');
      try {
        const before = registry.taken;
        await cluster.service(worker).kill();
        await until(`a new ${worker} to ask the registry`, LIMIT_MS, () => registry.taken >= before + 3);
        // Those who know the schemas go on.
        await writesGoOn(arena, 5);
      } finally {
        registry.set('pass');
      }
      arena.healed();
      await cluster.untilReady(worker);
    },
  }),
];
