import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { followJob } from '../follow-job.js';
import type { Job } from '../jobs.js';
import { resultText } from '../result-text.js';
import { pairsOf, tableOf } from '../table.js';

export interface PolicyOptions {
  ttl?: number;
  maxMemories?: number;
  halfLife?: string;
  minScore?: number;
  accesses?: boolean;
  yes?: boolean;
}

interface Policy {
  ttl_seconds?: number;
  max_memories?: number;
  decay?: { half_life: string; min_score: number; accesses: boolean };
}

interface Kept {
  namespace: string;
  policy: Policy;
  updated_at: string;
  updated_by: string;
  due_at: string;
  last_run: { at: string; deleted: number } | null;
  deleted: { ttl: number; decay: number; max_memories: number };
}

interface Preview extends Record<string, unknown> {
  live: number;
  would_delete: Record<string, number>;
  coords: Record<string, string[]>;
}

/** All policies, or whole that of one namespace. */
export async function list(context: CommandContext, namespace: string | undefined): Promise<void> {
  if (namespace !== undefined) {
    const { body } = await context.api.call<{ retention: Kept }>('GET', pathOf(namespace));
    show(context, body, () => policyText(body.retention));
    return;
  }
  const retention = await all(context);
  show(context, { retention }, () => {
    if (retention.length === 0) return 'no retention policies: every namespace keeps everything';
    const rows = retention.map(({ namespace: of, policy, last_run }) => [
      of,
      termsText(policy),
      last_run?.at,
      last_run?.deleted === undefined ? undefined : String(last_run.deleted),
    ]);
    return tableOf(['namespace', 'lets go of', 'last run', 'deleted then'], rows);
  });
}

async function all({ api }: CommandContext): Promise<Kept[]> {
  const found: Kept[] = [];
  for (let cursor: string | null = null; ;) {
    const query = { limit: MOST_LISTED, ...(cursor === null ? {} : { cursor }) };
    const page: Page = (await api.call<Page>('GET', '/admin/retention', { query })).body;
    found.push(...page.retention);
    if (page.next_cursor === null) return found;
    cursor = page.next_cursor;
  }
}

interface Page {
  retention: Kept[];
  next_cursor: string | null;
}

const MOST_LISTED = 200;

/** Says what a policy would delete: the one that the options make, or the one that is set. */
export async function tryOut(
  context: CommandContext,
  namespace: string,
  options: PolicyOptions,
): Promise<void> {
  const preview = await previewOf(
    context,
    namespace,
    policyOf(options) ?? (await setPolicy(context, namespace)),
  );
  show(context, preview, () => resultText(preview));
}

/** Tries it first, so that whoever says yes knows to what. */
export async function set(context: CommandContext, namespace: string, options: PolicyOptions): Promise<void> {
  const policy = policyOf(options);
  if (policy === undefined) {
    throw new CommandFailed(
      EXIT.usage,
      'say what goes: --ttl, --max-memories or --half-life with --min-score',
    );
  }
  if (options.yes !== true) await confirm(context, namespace, policy);
  const { body } = await context.api.call<{ retention: Kept }>('PUT', pathOf(namespace), { body: policy });
  show(context, body, () => policyText(body.retention));
}

export async function remove(context: CommandContext, namespace: string): Promise<void> {
  const { body } = await context.api.call<{ removed: boolean }>('DELETE', pathOf(namespace));
  show(context, body, () =>
    body.removed ? `${namespace} keeps everything from now on` : `${namespace} had no retention policy`,
  );
}

async function confirm(context: CommandContext, namespace: string, policy: Policy): Promise<void> {
  const { terminal } = context;
  if (!terminal.interactive) {
    throw new CommandFailed(
      EXIT.usage,
      'nobody is here to ask, so it wants --yes; see what goes: retention try',
    );
  }
  const preview = await previewOf(context, namespace, policy);
  terminal.note(resultText(preview));
  const answer = await terminal.ask(`Delete these now and what comes to it later? Write the namespace: `);
  if (answer.trim() !== namespace) throw new CommandFailed(EXIT.refused, 'no policy was set');
}

async function previewOf(context: CommandContext, namespace: string, policy: Policy): Promise<Preview> {
  const path = `${pathOf(namespace)}/try`;
  const { body } = await context.api.call<{ job: Job }>('POST', path, { body: policy });
  return ((await followJob(context, body.job)).result ?? {}) as Preview;
}

async function setPolicy(context: CommandContext, namespace: string): Promise<Policy> {
  return (await context.api.call<{ retention: Kept }>('GET', pathOf(namespace))).body.retention.policy;
}

/** Undefined when no option asks for anything. */
function policyOf({ ttl, maxMemories, halfLife, minScore, accesses }: PolicyOptions): Policy | undefined {
  if ((halfLife === undefined) !== (minScore === undefined)) {
    throw new CommandFailed(EXIT.usage, '--half-life and --min-score belong together');
  }
  if (accesses === true && halfLife === undefined) {
    throw new CommandFailed(EXIT.usage, '--accesses wants --half-life and --min-score');
  }
  const policy: Policy = {
    ...(ttl === undefined ? {} : { ttl_seconds: ttl }),
    ...(maxMemories === undefined ? {} : { max_memories: maxMemories }),
    ...(halfLife === undefined || minScore === undefined
      ? {}
      : { decay: { half_life: halfLife, min_score: minScore, accesses: accesses ?? false } }),
  };
  return Object.keys(policy).length === 0 ? undefined : policy;
}

function termsText({ ttl_seconds, max_memories, decay }: Policy): string {
  const terms = [
    ...(ttl_seconds === undefined ? [] : [`not written for ${ttl_seconds} s`]),
    ...(max_memories === undefined ? [] : [`more than ${max_memories}`]),
    ...(decay === undefined
      ? []
      : [
          `score below ${decay.min_score}, halved each ${decay.half_life}${decay.accesses ? ', by accesses' : ''}`,
        ]),
  ];
  return terms.join('; ');
}

function policyText({ namespace, policy, due_at, updated_at, updated_by, last_run, deleted }: Kept): string {
  return pairsOf([
    ['namespace', namespace],
    ['lets go of', termsText(policy)],
    ['set', `${updated_at} by ${updated_by}`],
    ['next run', due_at],
    ['last run', last_run === null ? null : `${last_run.at}, ${last_run.deleted} deleted`],
    ['deleted', `${deleted.ttl} by ttl, ${deleted.decay} by decay, ${deleted.max_memories} by number`],
  ]);
}

function pathOf(namespace: string): string {
  return `/admin/retention/${encodeURIComponent(namespace)}`;
}
