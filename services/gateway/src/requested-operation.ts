import type { Job } from '@soma/jobs';
import type { PositionVector, Positions } from '@soma/ledger';
import { TOPICS } from '@soma/events';
import { formatOptionalTime, formatTime, type OperationStatus } from '@soma/memory';
import { tokenOf } from './consistency.js';
import type { KnownInstallation } from './installation.js';
import { arePassed, type WatchedProgress } from './projections.js';
import type { Answer } from './route.js';
import { publicRefusal } from './write-answer.js';

/*
 * The operation of a caller's request that a job carries out, a deletion by filter. `accepted` until the job is over,
 * then `stored`, `indexed` once the projections have passed its commands, or `rejected` with the reason.
 */

interface Shown {
  watch: WatchedProgress;
  installation: KnownInstallation;
}

/** As GET /operations answers it; once the job is done, with a token that covers all of its deletions. */
export async function requestedOperation(job: Job, { watch, installation }: Shown): Promise<Answer> {
  const token = tokenOfRequest(job, null, installation);
  const headers = token === null ? {} : { 'Soma-Consistency-Token': token };
  return { status: 200, headers, body: presentRequest(job, await statusOfRequest(job, watch, 0)) };
}

export async function statusOfRequest(
  job: Job,
  watch: WatchedProgress,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<OperationStatus> {
  switch (job.state) {
    case 'waiting':
    case 'running':
      return 'accepted';
    case 'done':
      return (await arePassed(watch, positionsOf(job), timeoutMs, signal)) ? 'indexed' : 'stored';
    case 'failed':
    case 'cancelled':
      return 'rejected';
  }
}

export function presentRequest(job: Job, status: OperationStatus): Record<string, unknown> {
  const { spared, log_clean_by } = job.result ?? {};
  const error = errorOfRequest(job);
  return {
    operation_id: job.job_id,
    status,
    coord: null,
    version: null,
    matched: job.total,
    deleted: job.done,
    ...(spared === undefined ? {} : { spared }),
    ...(job.request['dry_run'] === true ? { dry_run: true } : {}),
    ...(log_clean_by === undefined ? {} : { log_clean_by }),
    ...(error === null ? {} : { error: publicRefusal(error) }),
    accepted_at: formatTime(job.created_at),
    finished_at: formatOptionalTime(job.finished_at),
  };
}

/** Why a job that is over did not come to its end; null of any other. */
export function errorOfRequest({ state, error, done }: Job): Job['error'] {
  if (state !== 'cancelled') return error;
  return { code: 'cancelled', detail: `an operator ended it after ${done} deletions` };
}

/** Covers the job's commands and what the request came with; null while there is nothing to cover. */
export function tokenOfRequest(
  job: Job,
  after: PositionVector | null,
  installation: KnownInstallation,
): string | null {
  if (job.state !== 'done' || job.namespace === null) return null;
  const { generation, positions } = positionsOf(job);
  const current = installation.current();
  // Of a log that was replaced since: what stood in it is over.
  if (generation !== current.generation) return null;
  const none = Object.keys(positions).length === 0 && after === null;
  if (none) return null;
  return tokenOf(
    { generation, positions: { [TOPICS.memoryCommands]: positions } },
    after,
    current,
    job.namespace,
  );
}

/** What the writer left in the result for this. */
function positionsOf({ result }: Job): { generation: number; positions: Positions } {
  return result as unknown as { generation: number; positions: Positions };
}
