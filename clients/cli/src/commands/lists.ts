import { show, type CommandContext } from '../command-context.js';
import { parseJsonObject } from '../parse-json.js';
import { tableOf } from '../table.js';
import { pathOf } from './memories.js';

/** Which memories are meant. */
export interface Narrowing {
  userId?: string;
  agentId?: string;
  threadId?: string;
  memoryType?: string;
  tag?: string;
  filters?: string;
}

export interface PageOptions {
  limit: number;
  cursor?: string;
}

export interface ListOptions extends Narrowing, PageOptions {
  since?: string;
  until?: string;
  order: 'created_at' | 'updated_at' | 'occurred_at' | 'coord';
  direction: string;
}

interface ListedMemory {
  coord: string;
  user_id: string | null;
  text: string;
  created_at: string;
  updated_at: string;
  occurred_at: string | null;
}

interface Page {
  memories: ListedMemory[];
  next_cursor: string | null;
}

export async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const { since, until, order, direction, limit, cursor } = options;
  const { filters, ...scope } = narrowed(options);
  const query = {
    ...scope,
    filters: filters === undefined ? undefined : JSON.stringify(filters),
    since,
    until_time: until,
    order,
    direction,
    limit,
    cursor,
  };
  const { body } = await context.api.call<Page>('GET', '/memories', { query });
  show(context, body, () => pageText(body, order === 'coord' ? 'created_at' : order));
}

export async function range(
  context: CommandContext,
  min: string,
  max: string,
  { limit, cursor }: PageOptions,
): Promise<void> {
  const query = { min, max, limit, cursor };
  const { body } = await context.api.call<Page>('GET', '/memories/range', { query });
  show(context, body, () => pageText(body, 'created_at'));
}

export async function count(context: CommandContext, options: Narrowing): Promise<void> {
  const { body } = await context.api.call<{ count: number }>('POST', '/memories/count', {
    body: narrowed(options),
  });
  show(context, body, () => String(body.count));
}

function narrowed({ userId, agentId, threadId, memoryType, tag, filters }: Narrowing) {
  return {
    user_id: userId,
    agent_id: agentId,
    thread_id: threadId,
    memory_type: memoryType,
    tag,
    filters: filters === undefined ? undefined : parseJsonObject(filters, '--filters'),
  };
}

function pageText(
  { memories, next_cursor }: Page,
  time: 'created_at' | 'updated_at' | 'occurred_at',
): string {
  const rows = memories.map((memory) => [memory.coord, memory[time], memory.user_id, memory.text]);
  const found = rows.length === 0 ? 'nothing here' : tableOf(['coord', time, 'user', 'text'], rows);
  return `${found}${moreText(next_cursor)}`;
}

function moreText(next: string | null): string {
  return next === null ? '' : `\nmore: --cursor ${next}`;
}

interface Version {
  version: number;
  at: string;
  operation_id: string;
  issuer: string;
  deleted: boolean;
  memory: { text: string } | null;
}

export async function history(
  context: CommandContext,
  coord: string,
  { limit, cursor }: PageOptions,
): Promise<void> {
  const path = `${pathOf(coord)}/history`;
  const { body } = await context.api.call<{ versions: Version[]; next_cursor: string | null }>('GET', path, {
    query: { limit, cursor },
  });
  show(context, body, () => {
    const rows = body.versions.map(({ version, at, issuer, operation_id, memory }) => [
      version,
      at,
      issuer,
      operation_id,
      memory === null ? '(deleted)' : memory.text,
    ]);
    return `${tableOf(['version', 'when', 'by', 'operation', 'text'], rows)}${moreText(body.next_cursor)}`;
  });
}
