import {
  makeDataDir,
  standalonePostgresUrl,
  startCluster,
  startStandalone,
  type System,
} from '../system/index.js';

export const PROFILES = ['standalone', 'cluster'] as const;
export type Profile = (typeof PROFILES)[number];

/**
 * Starts the one system that all acceptance tests of a run share, of the profile that SOMA_ACCEPTANCE_PROFILE
 * names, and says where it is by SOMA_ACCEPTANCE_…; see acceptance/target.ts for the reading side.
 */
export async function startAcceptanceSystem(): Promise<{ stop(): Promise<void> }> {
  return profile() === 'cluster' ? startForCluster() : startForStandalone();
}

/** The profile under test; standalone unless told otherwise. */
export function profile(): Profile {
  const named = process.env['SOMA_ACCEPTANCE_PROFILE'] ?? 'standalone';
  const found = PROFILES.find((candidate) => candidate === named);
  if (found === undefined) throw new RangeError(`SOMA_ACCEPTANCE_PROFILE is one of ${PROFILES.join(', ')}`);
  return found;
}

/** Receivers of tests are on this machine, and nobody waits for days. */
const WEBHOOKS = {
  SOMA_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  SOMA_WEBHOOK_RETRY_MS: '20',
  SOMA_WEBHOOK_ATTEMPTS: '4',
};

async function startForStandalone() {
  const dataDir = await makeDataDir();
  const system = await startStandalone({ dataDir: dataDir.path, env: WEBHOOKS }).catch(
    async (error: unknown) => {
      await dataDir.remove();
      throw error;
    },
  );
  announce(system, { kafka: '', postgres: await standalonePostgresUrl(dataDir.path), settings: {} });
  return {
    stop: async () => {
      tellOfEnded(system);
      await system.stop();
      await dataDir.remove();
    },
  };
}

async function startForCluster() {
  const cluster = await startCluster({ env: WEBHOOKS });
  const { kafka, postgres } = cluster.stores;
  announce(cluster, {
    kafka: kafka.brokers.join(','),
    postgres: postgres.url,
    settings: cluster.settings,
  });
  return {
    stop: async () => {
      tellOfEnded(cluster);
      await cluster.stop();
    },
  };
}

/** A process that ended while it was tested explains most of what failed. */
function tellOfEnded({ services }: System): void {
  for (const { name, ended, output } of services) {
    if (ended) console.error(`${name} ended during the tests; its last words:\n${output.slice(-4_000)}`);
  }
}

/** Jest's workers inherit the environment. */
function announce(
  system: System,
  stores: { kafka: string; postgres: string; settings: Readonly<Record<string, string>> },
): void {
  Object.assign(process.env, {
    SOMA_ACCEPTANCE_URL: system.url,
    SOMA_ACCEPTANCE_TOKEN: system.token,
    SOMA_ACCEPTANCE_KAFKA: stores.kafka,
    SOMA_ACCEPTANCE_POSTGRES: stores.postgres,
    SOMA_ACCEPTANCE_SETTINGS: JSON.stringify(stores.settings),
  });
}
