import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { followJob } from '../follow-job.js';
import type { Job } from '../jobs.js';

export interface ReindexOptions {
  embedder?: string;
  model?: string;
  /** Of the embedder; --url is that of the service. */
  endpoint?: string;
  dimension?: number;
  rate?: number;
  sample?: number;
  rollback?: boolean;
  finish?: boolean;
}

/** A generation of the index, as the results of these jobs show it. */
interface Generation {
  embedder: string;
  url: string | null;
  model: string;
  dimension: number;
  /** What to set so that a process names it. */
  settings: { kind: string; model: string | null; url: string | null; dimension: number | null };
}

interface Standing {
  active: Generation;
  kept: Generation | null;
  /** Of a reindex. */
  checked?: number;
}

/** Another embedder while everything runs; then back, or on. */
export async function reindex(context: CommandContext, options: ReindexOptions): Promise<void> {
  const { rollback = false, finish = false, ...asked } = options;
  const wishes = [rollback, finish, asked.embedder !== undefined].filter(Boolean).length;
  if (wishes !== 1 || (asked.embedder === undefined && Object.keys(asked).length > 0))
    throw new CommandFailed(
      EXIT.usage,
      'say one of --embedder <name> with what it needs, --rollback, --finish',
    );
  if (rollback) return work(context, '/rollback', undefined, rollbackText);
  if (finish) return work(context, '/finish', undefined, finishText);
  const { endpoint: url, ...body } = asked;
  return work(context, '', { ...body, url }, reindexText);
}

async function work(
  context: CommandContext,
  path: string,
  body: unknown,
  text: (standing: Standing) => string,
): Promise<void> {
  const made = await context.api.call<{ job: Job }>('POST', `/admin/reindex${path}`, { body });
  const job = await followJob(context, made.body.job);
  show(context, { job }, () => text(job.result as unknown as Standing));
}

function reindexText({ active, kept, checked = 0 }: Standing): string {
  return [
    `searches use ${told(active)}; ${checked} memories were compared`,
    ...(kept === null ? [] : [`${told(kept)} is kept: soma reindex --rollback goes back to it`]),
    `next: set ${settingsOf(active)} for every process, start them anew, then soma reindex --finish`,
  ].join('\n');
}

function rollbackText({ active, kept }: Standing): string {
  return [
    `searches use ${told(active)} again`,
    ...(kept === null
      ? []
      : [`${told(kept)} is kept: soma reindex --rollback goes back to it, --finish drops it`]),
    `processes are to be set to ${settingsOf(active)}`,
  ].join('\n');
}

function finishText({ active }: Standing): string {
  return `only ${told(active)} is left; processes start with ${settingsOf(active)} alone`;
}

function told({ embedder, model, dimension }: Generation): string {
  return `${embedder} (${model}, ${dimension})`;
}

function settingsOf({ settings: { kind, model, url, dimension } }: Generation): string {
  const named = { '': kind, _URL: url, _MODEL: model, _DIMENSION: dimension };
  return Object.entries(named)
    .flatMap(([name, value]) => (value === null ? [] : [`SOMA_EMBEDDER${name}=${value}`]))
    .join(' ');
}
