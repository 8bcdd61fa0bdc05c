import { profile } from '../acceptance-system/index.js';
import { makeDataDir, startCluster, startStandalone, type Cluster } from '../system/index.js';
import type { Target } from './client.js';

export interface OwnSystem {
  target: Target;
  /** Undefined in the standalone profile. */
  cluster: Cluster | undefined;
  /** Of the standalone; undefined in the cluster profile. */
  dataDir: string | undefined;
  /** Ends what still runs, and removes what it left. */
  stop(): Promise<void>;
  /** Ends the processes alone, so that others can be started on what they leave. */
  endProcesses(): Promise<void>;
}

/** A whole system of the profile under test that no other test uses: one that may be held back and stopped. */
export async function startOwnSystem(env: Record<string, string>): Promise<OwnSystem> {
  if (profile() === 'cluster') {
    const cluster = await startCluster({ env });
    const endProcesses = async (): Promise<void> => {
      await Promise.all(cluster.services.map((service) => service.stop()));
    };
    return { target: cluster, cluster, dataDir: undefined, endProcesses, stop: () => cluster.stop() };
  }
  const dataDir = await makeDataDir();
  const system = await startStandalone({ dataDir: dataDir.path, env });
  const endProcesses = async (): Promise<void> => {
    if (!system.process.ended) await system.stop();
  };
  return {
    target: system,
    cluster: undefined,
    dataDir: dataDir.path,
    endProcesses,
    stop: async () => {
      await endProcesses();
      await dataDir.remove();
    },
  };
}
