import { show, type CommandContext } from '../command-context.js';
import { followJob } from '../follow-job.js';
import type { Job } from '../jobs.js';
import { pairsOf, tableOf } from '../table.js';

export async function list(context: CommandContext, limit: number): Promise<void> {
  const { body } = await context.api.call<{ jobs: Job[] }>('GET', '/admin/jobs', { query: { limit } });
  show(context, body, () => {
    if (body.jobs.length === 0) return 'no jobs';
    const rows = body.jobs.map((job) => [
      job.job_id,
      job.kind,
      job.state,
      doneOf(job),
      job.created_at,
      job.error?.code,
    ]);
    return tableOf(['id', 'kind', 'state', 'done', 'made', 'error'], rows);
  });
}

export async function inspect(context: CommandContext, id: string, watch: boolean): Promise<void> {
  const { body } = await context.api.call<{ job: Job }>('GET', pathOf(id));
  const job = watch ? await followJob(context, body.job) : body.job;
  show(context, { job }, () => jobText(job));
}

export async function cancel(context: CommandContext, id: string): Promise<void> {
  const { body } = await context.api.call<{ job: Job }>('POST', `${pathOf(id)}/cancel`);
  show(context, body, () => `${body.job.kind} is ${body.job.state}`);
}

function jobText(job: Job): string {
  const { job_id, kind, state, error } = job;
  const pairs = pairsOf([
    ['id', job_id],
    ['kind', kind],
    ['state', state],
    ['done', doneOf(job)],
    ['made', job.created_at],
    ['started', job.started_at],
    ['finished', job.finished_at],
    ['error', error === null ? null : `${error.code}: ${error.detail}`],
  ]);
  const parts = { request: job.request, ...(job.result === null ? {} : { result: job.result }) };
  return `${pairs}\n${JSON.stringify(parts, null, 2)}`;
}

function doneOf({ done, total }: Job): string {
  return total === null ? String(done) : `${done} of ${total}`;
}

function pathOf(id: string): string {
  return `/admin/jobs/${encodeURIComponent(id)}`;
}
