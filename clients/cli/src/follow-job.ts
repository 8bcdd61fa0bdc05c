import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from './api.js';
import type { CommandContext } from './command-context.js';
import { CommandFailed, EXIT } from './exit-codes.js';
import { openProgress } from './job-progress.js';
import { hasEnded, type Job } from './jobs.js';

/** Looks that may fail one after the other before the service is given up for lost. */
const MAX_FAILURES = 20;

/**
 * Watches a job until it ends. Ctrl-C stops the watching only.
 * @throws CommandFailed when the job failed or was cancelled, when it was stopped, when the service is gone for long
 */
export async function followJob(context: CommandContext, started: Job): Promise<Job> {
  const { terminal, pollMs } = context;
  const stopped = new AbortController();
  const stopListening = terminal.onInterrupt(() => {
    stopped.abort();
  });
  const progress = await openProgress(terminal);
  let job = started;
  try {
    for (let failures = 0; ;) {
      progress.show(job);
      if (hasEnded(job)) break;
      await sleep(pollMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) break;
      const looked = await look(context, job, failures);
      failures = looked === undefined ? failures + 1 : 0;
      job = looked ?? job;
    }
  } finally {
    progress.end();
    stopListening();
  }
  if (!hasEnded(job)) throw new CommandFailed(EXIT.interrupted, goesOn(job));
  if (job.state === 'done') return job;
  throw new CommandFailed(EXIT.refused, endOf(job));
}

/** Undefined when the service could not say: it may be starting anew. */
async function look({ api }: CommandContext, job: Job, failures: number): Promise<Job | undefined> {
  try {
    return (await api.call<{ job: Job }>('GET', `/admin/jobs/${job.job_id}`)).body.job;
  } catch (error) {
    const maybeLater =
      error instanceof Refused ? error.status >= 500 || error.status === 429 : isUnreachable(error);
    if (maybeLater && failures < MAX_FAILURES) return undefined;
    if (!(error instanceof CommandFailed)) throw error;
    throw new CommandFailed(error.exitCode, `${error.message}\n${goesOn(job)}`, { cause: error });
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof CommandFailed && error.exitCode === EXIT.unreachable;
}

function goesOn({ job_id, kind }: Job): string {
  return (
    `no longer watching; the job ${kind} goes on.\n` +
    `See it: soma jobs show ${job_id}\nEnd it: soma jobs cancel ${job_id}`
  );
}

function endOf({ job_id, kind, state, error }: Job): string {
  if (error !== null) return `${kind} failed: ${error.code}: ${error.detail}\n(job ${job_id})`;
  return `${kind} was ${state} (job ${job_id})`;
}
