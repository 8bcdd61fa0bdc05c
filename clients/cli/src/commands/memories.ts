import { show, type CommandContext } from '../command-context.js';
import { parseJsonObject } from '../parse-json.js';
import { painting, tableOf } from '../table.js';

export interface PutOptions {
  text?: string;
  tag?: string[];
  userId?: string;
  ttl?: number;
  until?: string;
}

interface WriteResult {
  coord: string;
  status: string;
  version: number | null;
  operation_id: string;
  deleted?: boolean;
}

export async function put(
  context: CommandContext,
  coord: string,
  payload: string | undefined,
  { text, tag, userId, ttl, until }: PutOptions,
): Promise<void> {
  const given = payload === '-' ? await context.terminal.input() : payload;
  const body = {
    ...(given === undefined ? {} : { payload: parseJsonObject(given, 'the payload') }),
    text,
    tags: tag,
    user_id: userId,
    ttl_seconds: ttl,
  };
  const answer = await context.api.call<WriteResult>('PUT', pathOf(coord), { body, query: { until } });
  show(context, answer.body, () => writtenText(answer.body, answer.status === 201 ? 'new' : 'replaced'));
}

export interface GetOptions {
  version?: number;
  asOf?: string;
}

export async function get(
  context: CommandContext,
  coord: string,
  { version, asOf }: GetOptions,
): Promise<void> {
  const query = { version, as_of: asOf };
  const { body } = await context.api.call<{ memory: unknown }>('GET', pathOf(coord), { query });
  show(context, body, () => JSON.stringify(body.memory, null, 2));
}

export async function remove(
  context: CommandContext,
  coord: string,
  until: string | undefined,
): Promise<void> {
  const { body } = await context.api.call<WriteResult>('DELETE', pathOf(coord), { query: { until } });
  show(context, body, () =>
    body.deleted === false ? `there was nothing at ${coord}` : writtenText(body, 'deleted'),
  );
}

export interface SearchOptions {
  top: number;
  mode?: string;
  filters?: string;
}

interface SearchAnswer {
  memories: { coord: string; score: number; text: string }[];
  degraded: boolean;
  degraded_reasons: string[];
}

export async function search(
  context: CommandContext,
  words: readonly string[],
  { top, mode, filters }: SearchOptions,
): Promise<void> {
  const body = {
    query: words.join(' '),
    top_k: top,
    mode,
    ...(filters === undefined ? {} : { filters: parseJsonObject(filters, '--filters') }),
  };
  const answer = await context.api.call<SearchAnswer>('POST', '/memories/search', { body });
  const { memories, degraded, degraded_reasons } = answer.body;
  if (degraded) context.terminal.note(`soma: degraded answer: ${degraded_reasons.join(', ')}`);
  show(context, answer.body, () => {
    if (memories.length === 0) return 'nothing found';
    const rows = memories.map(({ score, coord, text }) => [score.toFixed(3), coord, text]);
    return tableOf(['score', 'coord', 'text'], rows, painting(context.terminal, ['green', 'cyan']));
  });
}

function writtenText({ coord, status, version, operation_id }: WriteResult, what: string): string {
  if (status === 'accepted') return `${coord} accepted; what becomes of it: GET /operations/${operation_id}`;
  return `${coord} ${what}, version ${version ?? '?'}, ${status}`;
}

/** Commas may stand in a path; a coord of dots only would lead elsewhere, and is none. */
export function pathOf(coord: string): string {
  return `/memories/${encodeURIComponent(coord)}`;
}
