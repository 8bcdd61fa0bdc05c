import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT, type ExitCode } from '../exit-codes.js';
import { followJob } from '../follow-job.js';
import type { Job } from '../jobs.js';
import { parseJsonObject } from '../parse-json.js';
import { resultText } from '../result-text.js';

export interface EraseOptions {
  coord?: string[];
  filters?: string;
  all?: boolean;
  atMost?: number;
  dryRun?: boolean;
  yes?: boolean;
  check?: boolean;
}

/** Removes memories with their history for good, or asks what still holds them. */
export async function erase(context: CommandContext, options: EraseOptions): Promise<ExitCode> {
  const namespace = context.settings.namespace?.value;
  if (namespace === undefined) {
    throw new CommandFailed(EXIT.usage, 'erase wants a namespace named: --namespace or SOMA_NAMESPACE');
  }
  const request = { namespace, ...selectionOf(options) };
  if (options.check === true) return check(context, request);
  const bounded = { ...request, ...(options.atMost === undefined ? {} : { at_most: options.atMost }) };
  if (options.dryRun !== true) await confirm(context, bounded, options.yes === true);
  const job = await run(context, '/admin/erase', {
    ...bounded,
    ...(options.dryRun === true ? { dry_run: true } : {}),
  });
  show(context, { job }, () => resultText(job.result ?? {}));
  return EXIT.ok;
}

async function check(context: CommandContext, request: Record<string, unknown>): Promise<ExitCode> {
  if ('filters' in request) {
    throw new CommandFailed(
      EXIT.usage,
      'erase --check takes --coord or --all: what is erased has no fields left',
    );
  }
  const job = await run(context, '/admin/erase/check', request);
  const clean = job.result?.['clean'] === true;
  show(context, { job }, () => resultText(job.result ?? {}));
  return clean ? EXIT.ok : EXIT.differences;
}

async function run(context: CommandContext, path: string, body: Record<string, unknown>): Promise<Job> {
  const answer = await context.api.call<{ job: Job }>('POST', path, { body });
  return followJob(context, answer.body.job);
}

function selectionOf({ coord = [], filters, all = false, check: checks = false }: EraseOptions) {
  const given = [coord.length > 0, filters !== undefined, all].filter(Boolean).length;
  if (given !== 1) {
    const which = checks ? '--coord or --all' : '--coord, --filters or --all';
    throw new CommandFailed(EXIT.usage, `say what to erase by one of ${which}`);
  }
  if (all) return { all: true };
  if (filters !== undefined) return { filters: parseJsonObject(filters, '--filters') };
  return coord.length === 1 ? { coord: coord[0] } : { coords: coord };
}

/** Counts first, so that whoever says yes knows to what. */
async function confirm(context: CommandContext, request: { namespace: string }, yes: boolean): Promise<void> {
  if (yes) return;
  const { terminal } = context;
  if (!terminal.interactive) {
    throw new CommandFailed(EXIT.usage, 'erase cannot be undone: nobody is here to ask, so it wants --yes');
  }
  const { result } = await run(context, '/admin/erase', { ...request, dry_run: true });
  const matched = JSON.stringify(result?.['matched'] ?? null);
  terminal.note(`Memories of namespace ${request.namespace} that would be erased for good: ${matched}`);
  const answer = await terminal.ask('Write the name of the namespace to go on: ');
  if (answer.trim() !== request.namespace) throw new CommandFailed(EXIT.refused, 'nothing was erased');
}
