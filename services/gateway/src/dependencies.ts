import type { Limiter } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import type { Ledger } from '@soma/ledger';
import type { Reads } from '@soma/reads';
import { probe, PROBE_TIMEOUT_MS } from '@soma/service';
import type { KnownInstallation } from './installation.js';

/** Without these the gateway still takes writes and answers reads, more slowly or less well. */
export const OPTIONAL = ['query', 'index', 'cache', 'embedder', 'limiter'];

interface Dependencies {
  log: Pick<EventLog, 'ping'>;
  ledger: Pick<Ledger, 'ping'>;
  reads: Pick<Reads, 'health'>;
  limiter: Pick<Limiter, 'degraded'>;
}

/** Dependency → does it answer. What the reading side says of its own is merged in. */
export async function checkDependencies(
  { log, ledger, reads, limiter }: Dependencies,
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
