import { until } from '../../system/index.js';
import type { ClusterArena, Fault } from '../fault.js';
import type { TcpProxy } from '../tools/tcp-proxy.js';
import { LIMIT_MS, untilProgress, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

function halfOpen(store: string, proxiesOf: (cluster: ClusterArena) => readonly TcpProxy[]): Fault {
  return clusterFault({
    name: `half-open-to-${store}`,
    title: `every connection to ${store} loses its other end without a word`,
    run: async (cluster, arena) => {
      const proxies = proxiesOf(cluster);
      await until(`connections to ${store}`, LIMIT_MS, () =>
        proxies.every(({ connections }) => connections > 0),
      );
      const lost = proxies.reduce((sum, proxy) => sum + proxy.halfOpen(), 0);
      arena.say(`${lost} connections to ${store} are half open`);
      arena.healed();
      await writesGoOn(arena);
      await untilProgress(cluster, 'writer', 20);
      await untilProgress(cluster, 'indexer', 20);
    },
  });
}

export const HALF_OPEN: readonly Fault[] = [
  halfOpen('postgres', ({ proxies }) => [proxies.postgres]),
  halfOpen('redis', ({ proxies }) => [proxies.redis]),
  halfOpen('kafka', ({ proxies }) => proxies.kafka),
];
