import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { Ledger, ProgressWatch } from '@soma/ledger';
import { isSomaError, NO_CONDITIONS, type DeleteMemory } from '@soma/memory';
import type { ExpiredMemory, Retention } from '@soma/memory-store';
import { counter, periodic, type Logger, type Periodic } from '@soma/service';
import type { Registry } from 'prom-client';
import { appendCommands, derivedId } from './own-commands.js';

export interface ExpireMemoriesDeps {
  log: EventLog;
  codec: Codec;
  ledger: Pick<Ledger, 'installation'>;
  retention: Pick<Retention, 'hold' | 'expired'>;
  watch: Pick<ProgressWatch, 'reached'>;
  logger: Logger;
  registry: Registry;
}

/** Between two looks for what has expired, milliseconds. */
const SWEEP_MS = 5_000;
/** So many deletions in a row, then a breath: a namespace that expires at once must not hold up the writes of others. */
const PAGE = 200;
const BREATH_MS = 500;
/** How long a process that stopped without a word keeps others from sweeping, milliseconds. */
const HOLD_MS = 30_000;
/** A writer that takes longer has enough to do. */
const PATIENCE_MS = 10_000;

/** Who the commands say has sent them. */
const ISSUER = 'soma:expiry';

/**
 * Deletes what has expired, by commands, so that index, links and caches hear of it: readers see it no longer anyway.
 * One process at a time; two would do no harm, because the ids are derived.
 */
export function expireMemories(deps: ExpireMemoriesDeps): Periodic {
  const holder = randomUUID();
  const expired = counter(deps.registry, {
    name: 'soma_writer_expired_total',
    help: 'Deletions of expired memories that were sent',
  });
  return periodic({
    everyMs: SWEEP_MS,
    work: (signal) =>
      sweep(deps, holder, signal, (count) => {
        expired.inc(count);
      }),
    onFailure: (error) => {
      const level = isSomaError(error) && error.retryable ? 'debug' : 'warn';
      deps.logger[level]({ err: error }, 'expired memories were not deleted; will try again');
    },
  });
}

async function sweep(
  deps: ExpireMemoriesDeps,
  holder: string,
  signal: AbortSignal,
  onSent: (count: number) => void,
): Promise<void> {
  const { retention, watch, ledger } = deps;
  for (let after: ExpiredMemory | null = null; !signal.aborted;) {
    const page: ExpiredMemory[] = await retention.expired({ after, limit: PAGE });
    if (page.length === 0 || !(await retention.hold('expiry', holder, HOLD_MS))) return;
    const { generation } = await ledger.installation();
    const positions = await appendCommands(page.map(expiryCommand), deps);
    onSent(page.length);
    const carriedOut = { group: 'writer', topic: TOPICS.memoryCommands, of: 'position' } as const;
    const reached = await watch.reached({ ...carriedOut, generation, positions }, PATIENCE_MS, signal);
    if (!reached || page.length < PAGE) return;
    after = page.at(-1) ?? null;
    await sleep(BREATH_MS, undefined, { signal });
  }
}

/** Expects the version that has expired: a memory that was renewed meanwhile survives. */
function expiryCommand({ namespace, key, coord, version, revision }: ExpiredMemory): DeleteMemory {
  return {
    type: 'DeleteMemory',
    command_id: derivedId('expired', namespace, key, revision),
    namespace,
    coord,
    request_hash: null,
    issued_at: Date.now(),
    issuer: ISSUER,
    bound_to_user: null,
    conditions: { ...NO_CONDITIONS, if_match: [{ version, revision }] },
    erase: false,
    only_expired: true,
  };
}
