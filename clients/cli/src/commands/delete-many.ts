import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { follow } from '../follow.js';
import type { Shown } from '../job-progress.js';
import { parseJsonObject } from '../parse-json.js';
import { resultText } from '../result-text.js';

export interface DeleteManyOptions {
  filters?: string;
  userId?: string;
  agentId?: string;
  threadId?: string;
  memoryType?: string;
  all?: boolean;
  atMost?: number;
  erase?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

interface Operation {
  operation_id: string;
  status: string;
  matched: number | null;
  deleted: number;
  spared?: number;
  error?: { code: string; detail: string };
  finished_at: string | null;
}

/** Deletes the memories that pass; counts them first, so that whoever says yes knows to what. */
export async function deleteMany(context: CommandContext, options: DeleteManyOptions): Promise<void> {
  const request = requestOf(options);
  if (options.dryRun === true) {
    const counted = await run(context, { ...request, dry_run: true });
    show(context, counted, () => `${counted.matched ?? '?'} memories match; none was deleted`);
    return;
  }
  if (options.yes !== true) await confirm(context, request, options.erase === true);
  const ended = await run(context, request);
  show(context, ended, () => resultText(countsOf(ended)));
}

function requestOf(options: DeleteManyOptions): Record<string, unknown> {
  const { filters, userId, agentId, threadId, memoryType, all, atMost, erase } = options;
  const scope = { user_id: userId, agent_id: agentId, thread_id: threadId, memory_type: memoryType };
  const chooses = [filters, ...Object.values(scope)].some((value) => value !== undefined) || all === true;
  if (!chooses) {
    throw new CommandFailed(EXIT.usage, 'say what to delete: --filters, --user-id, --thread-id, … or --all');
  }
  return {
    ...(filters === undefined ? {} : { filters: parseJsonObject(filters, '--filters') }),
    ...scope,
    all,
    at_most: atMost,
    erase,
  };
}

async function confirm(
  context: CommandContext,
  request: Record<string, unknown>,
  erases: boolean,
): Promise<void> {
  const { terminal, settings } = context;
  if (!terminal.interactive) {
    throw new CommandFailed(EXIT.usage, 'nobody is here to ask, so it wants --yes; --dry-run counts first');
  }
  const { matched } = await run(context, { ...request, dry_run: true });
  const where = settings.namespace === undefined ? '' : ` in namespace ${settings.namespace.value}`;
  const what = erases ? 'erased with their history' : 'deleted';
  const answer = await terminal.ask(`${matched ?? '?'} memories${where} would be ${what}. Go on? (yes/no) `);
  if (answer.trim().toLowerCase() !== 'yes') throw new CommandFailed(EXIT.refused, 'nothing was deleted');
}

async function run(context: CommandContext, body: Record<string, unknown>): Promise<Operation> {
  const { api } = context;
  const headers = { Prefer: 'respond-async' };
  const { body: started } = await api.call<Operation>('POST', '/memories/delete', { body, headers });
  const ended = await follow(context, started, {
    look: async () => (await api.call<Operation>('GET', `/operations/${started.operation_id}`)).body,
    hasEnded: ({ finished_at }) => finished_at !== null,
    show: shownOf,
    goesOn: `no longer watching; operation ${started.operation_id} goes on`,
  });
  if (ended.error === undefined) return ended;
  throw new CommandFailed(EXIT.refused, `${ended.error.code}: ${ended.error.detail}`);
}

function shownOf({ status, matched, deleted, finished_at }: Operation): Shown {
  const over = status === 'rejected' ? 'failed' : 'done';
  const state = finished_at !== null ? over : matched === null ? 'waiting' : 'running';
  return { kind: 'delete', state, done: deleted, total: matched };
}

function countsOf({ matched, deleted, spared }: Operation): Record<string, unknown> {
  return { matched, deleted, ...(spared === undefined ? {} : { spared }) };
}
