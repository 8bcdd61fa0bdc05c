import { probe, PROBE_TIMEOUT_MS } from '@soma/service';
import type { GatewayDeps } from './gateway.js';
import type { KnownInstallation } from './installation.js';

/** Without these the gateway still takes writes and answers reads, more slowly or less well. */
export const OPTIONAL = ['query', 'index', 'cache', 'embedder', 'limiter'];

/** Dependency → does it answer. What the reading side says of its own is merged in. */
export async function checkDependencies(
  { log, ledger, reads, limiter }: Pick<GatewayDeps, 'log' | 'ledger' | 'reads' | 'limiter'>,
  installation: KnownInstallation,
): Promise<Record<string, boolean>> {
  let behindReads: Record<string, boolean> = {};
  const own = await probe({
    event_log: () => log.ping(PROBE_TIMEOUT_MS),
    store: async () => {
      await ledger.ping();
      return installation.known;
    },
    limiter: () => !limiter.degraded(),
    query: async () => {
      behindReads = await reads.health();
    },
  });
  return { ...behindReads, ...own };
}
