import { profile } from '../acceptance-system/index.js';
import { makeDataDir, startGateway, startStandalone, untilReady } from '../system/index.js';
import { target, type Target } from './client.js';

/** A further system of the profile under test with settings of its own: another standalone, or another gateway of the cluster. */
export async function startLimitedSystem(
  env: Record<string, string>,
): Promise<{ target: Target; stop(): Promise<void> }> {
  return profile() === 'cluster' ? anotherGateway(env) : anotherStandalone(env);
}

async function anotherStandalone(env: Record<string, string>) {
  const dataDir = await makeDataDir();
  const system = await startStandalone({ dataDir: dataDir.path, env });
  return {
    target: system,
    stop: async () => {
      await system.stop();
      await dataDir.remove();
    },
  };
}

async function anotherGateway(env: Record<string, string>) {
  const shared = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
  // A Redis database of its own: requests of tests that run meanwhile would count in the buckets of the one token.
  const redis = `${shared['SOMA_REDIS_URL'] ?? ''}/1`;
  const gateway = await startGateway({ ...shared, SOMA_REDIS_URL: redis, ...env });
  await untilReady(gateway.process, gateway.opsUrl);
  return {
    target: { url: gateway.apiUrl, token: target().token },
    stop: async () => {
      await gateway.process.stop();
    },
  };
}
