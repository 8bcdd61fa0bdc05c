import { randomUUID } from 'node:crypto';
import type { AuditLog, Tokens } from '@soma/access';
import type { Jobs } from '@soma/jobs';
import { PROJECTIONS } from '@soma/ledger';
import type { Retention } from '@soma/memory-store';
import { periodic, type Logger, type Periodic } from '@soma/service';

export interface KeepHouseDeps {
  retention: Pick<Retention, 'hold' | 'pruneHistory' | 'pruneTombstones' | 'pruneAccesses'>;
  jobs: Pick<Jobs, 'removeFinished'>;
  tokens: Pick<Tokens, 'removeEnded'>;
  audit: Pick<AuditLog, 'removeBefore'>;
  logger: Logger;
  /** SOMA_HISTORY_DAYS and SOMA_HISTORY_VERSIONS. */
  history_days: number;
  history_versions: number;
  /** SOMA_AUDIT_DAYS. */
  audit_days: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than a command can be replayed, so that a late one finds the tombstone: 7 days of retention and a segment. */
const MIN_TOMBSTONE_DAYS = 8;
const JOB_DAYS = 30;
/** A token that ended is listed so long. */
const TOKEN_DAYS = 90;
/** As long as operations are remembered, and with them their Idempotency-Keys. */
const REQUEST_DAYS = 8;

/** Lets go of history, tombstones, finished jobs, ended tokens and what operators did, when their time is over, now and every hour; one process at a time. */
export function keepHouse(deps: KeepHouseDeps): Periodic {
  const holder = randomUUID();
  return periodic({
    everyMs: HOUR_MS,
    work: (signal) => clean(deps, holder, signal),
    onFailure: (error) => {
      deps.logger.warn({ err: error }, 'what is no longer kept was not removed; will try again in an hour');
    },
  });
}

async function clean(
  { retention, jobs, tokens, audit, logger, history_days, history_versions, audit_days }: KeepHouseDeps,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  if (!(await retention.hold('retention', holder, HOUR_MS / 2))) return;
  const versions = await retention.pruneHistory({ days: history_days, versions: history_versions }, signal);
  const tombstones = await retention.pruneTombstones(
    { days: Math.max(history_days, MIN_TOMBSTONE_DAYS), projections: PROJECTIONS },
    signal,
  );
  const accesses = await retention.pruneAccesses(signal);
  const finished = await jobs.removeFinished({ jobs: daysAgo(JOB_DAYS), requests: daysAgo(REQUEST_DAYS) });
  const ended = await tokens.removeEnded(daysAgo(TOKEN_DAYS));
  const acts = await audit.removeBefore(daysAgo(audit_days));
  if (versions + tombstones + accesses + finished + ended + acts === 0) return;
  logger.info(
    { versions, tombstones, accesses, jobs: finished, tokens: ended, acts },
    'what is no longer kept was removed',
  );
}

function daysAgo(days: number): number {
  return Date.now() - days * DAY_MS;
}
