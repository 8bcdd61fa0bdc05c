import { profile } from '../acceptance-system/index.js';
import { makeDataDir, startCluster, startStandalone, type Cluster } from '../system/index.js';
import type { Target } from './client.js';

export interface OwnSystem {
  target: Target;
  /** Undefined in the standalone profile. */
  cluster: Cluster | undefined;
  stop(): Promise<void>;
}

/** A whole system of the profile under test that no other test uses: one that may be held back and stopped. */
export async function startOwnSystem(env: Record<string, string>): Promise<OwnSystem> {
  if (profile() === 'cluster') {
    const cluster = await startCluster({ env });
    return { target: cluster, cluster, stop: () => cluster.stop() };
  }
  const dataDir = await makeDataDir();
  const system = await startStandalone({ dataDir: dataDir.path, env });
  return {
    target: system,
    cluster: undefined,
    stop: async () => {
      await system.stop();
      await dataDir.remove();
    },
  };
}
