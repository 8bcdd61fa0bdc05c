import type { CommandContext } from './command-context.js';
import { CommandFailed, EXIT } from './exit-codes.js';
import { follow } from './follow.js';
import { hasEnded, type Job } from './jobs.js';

/**
 * Watches a job until it ends. Ctrl-C stops the watching only.
 * @throws CommandFailed when the job failed or was cancelled, when it was stopped, when the service is gone for long
 */
export async function followJob(context: CommandContext, started: Job): Promise<Job> {
  const { api } = context;
  const job = await follow(context, started, {
    look: async () => (await api.call<{ job: Job }>('GET', `/admin/jobs/${started.job_id}`)).body.job,
    hasEnded,
    show: (shown) => shown,
    goesOn: goesOn(started),
  });
  if (job.state === 'done') return job;
  throw new CommandFailed(EXIT.refused, endOf(job));
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
