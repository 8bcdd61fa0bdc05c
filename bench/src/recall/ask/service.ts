import { makeDataDir, startStandalone } from '@soma/tests/system';
import { runningService } from '../../api-client.js';
import { UNLIMITED } from '../../profiles.js';

export interface Service {
  url: string;
  token: string;
  stop(): Promise<void>;
}

/** Where a standalone of its own lives, and its token, are not for the settings of the caller. */
const OWN_PLACE =
  /^SOMA_(API_(URL|HOST|PORT|TOKEN|TOKEN_FILE)|OPS_(HOST|PORT)|POSTGRES_PORT|DATA_DIR|RATE_\w+)$/;

/** Tests start it without a model; what is measured is what comes with an installation. */
const AS_INSTALLED = { SOMA_EMBEDDER: 'bundled' };

/**
 * The running installation at the URL, its token from SOMA_API_TOKEN or the data folder; without a URL a standalone on
 * a temporary folder and free ports, with all other SOMA_ settings of the environment.
 */
export async function serviceAt(url: string | undefined, env: NodeJS.ProcessEnv): Promise<Service> {
  if (url !== undefined)
    return { ...runningService(env), url: url.replace(/\/+$/, ''), stop: () => Promise.resolve() };
  const dataDir = await makeDataDir();
  try {
    const standalone = await startStandalone({
      dataDir: dataDir.path,
      env: { ...AS_INSTALLED, ...settingsToPass(env), ...UNLIMITED },
    });
    const stop = async () => {
      try {
        await standalone.stop();
      } finally {
        await dataDir.remove();
      }
    };
    return { url: standalone.url, token: standalone.token, stop };
  } catch (error) {
    await dataDir.remove();
    throw error;
  }
}

export function settingsToPass(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && entry[0].startsWith('SOMA_') && !OWN_PLACE.test(entry[0]),
    ),
  );
}
