import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@soma/jobs';
import { isSomaError } from '@soma/memory';
import type { Asker } from './access/caller-reads.js';
import type { CallerRequests } from './access/caller-requests.js';
import type { Admission } from './admission.js';

export interface JobWait {
  asker: Asker;
  /** On the clock of performance.now(). */
  deadline: number;
  signal: AbortSignal;
}

/** Between looks at the job, milliseconds. */
const POLL_MS = 200;

export function isOver({ state }: Job): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** The job once it is over, or as it is when time is, the caller is gone, or the process stops. */
export async function untilOver(
  job: Job,
  { asker, deadline, signal }: JobWait,
  { requests, admission }: { requests: Pick<CallerRequests, 'get'>; admission: Pick<Admission, 'stopping'> },
): Promise<Job> {
  let latest = job;
  while (!isOver(latest) && !signal.aborted && !admission.stopping) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    await sleep(Math.min(POLL_MS, left), undefined, { signal }).catch(() => undefined);
    latest = (await lookAt(latest, asker, requests)) ?? latest;
  }
  return latest;
}

/** While the store is out nothing is known. */
async function lookAt(
  { job_id }: Job,
  asker: Asker,
  requests: Pick<CallerRequests, 'get'>,
): Promise<Job | undefined> {
  try {
    return await requests.get(asker, job_id);
  } catch (error) {
    if (isSomaError(error) && error.retryable) return undefined;
    throw error;
  }
}
