import type { ServiceProcess } from './service-process.js';
import { until } from './until.js';

const START_TIMEOUT_MS = 90_000;

/**
 * Waits until the process says on its ops port that it can do its job.
 * @throws with the end of its output when it ends instead, or takes too long
 */
export async function untilReady(service: ServiceProcess, opsUrl: string): Promise<void> {
  try {
    await until(`${service.name} to be ready`, START_TIMEOUT_MS, async () => {
      if (service.ended) throw new Error(`${service.name} ended instead of getting ready`);
      return (await readyStatus(opsUrl)) === 200;
    });
  } catch (cause) {
    throw new Error(`${service.name} did not start:\n${service.output}`, { cause });
  }
}

/** Status of /readyz; undefined while nothing listens there. */
export function readyStatus(url: string): Promise<number | undefined> {
  return fetch(`${url}/readyz`).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => undefined,
  );
}
