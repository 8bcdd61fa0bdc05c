import { show, type CommandContext } from '../command-context.js';
import { tableOf } from '../table.js';

interface Part {
  limit: number | null;
  used: number;
}

interface Quota {
  namespace: string;
  memories: Part;
  bytes: Part;
}

export interface QuotaOptions {
  memories?: number;
  bytes?: number;
}

interface Page {
  quotas: Quota[];
  next_cursor: string | null;
}

export async function list(
  context: CommandContext,
  options: { limit: number; cursor?: string },
): Promise<void> {
  const { body } = await context.api.call<Page>('GET', '/admin/quotas', { query: { ...options } });
  const more = body.next_cursor === null ? '' : `\nmore: --cursor ${body.next_cursor}`;
  show(context, body, () =>
    body.quotas.length === 0 ? 'no namespace has a quota' : `${quotasText(body.quotas)}${more}`,
  );
}

export function inspect(context: CommandContext, name: string): Promise<void> {
  return showOne(context, 'GET', name);
}

export function set(context: CommandContext, name: string, options: QuotaOptions): Promise<void> {
  return showOne(context, 'PUT', name, { body: { ...options } });
}

export function remove(context: CommandContext, name: string): Promise<void> {
  return showOne(context, 'DELETE', name);
}

async function showOne(
  context: CommandContext,
  method: string,
  name: string,
  sent: { body?: unknown } = {},
): Promise<void> {
  const path = `/admin/quotas/${encodeURIComponent(name)}`;
  const { body } = await context.api.call<{ quota: Quota }>(method, path, sent);
  show(context, body, () => quotasText([body.quota]));
}

function quotasText(quotas: readonly Quota[]): string {
  const head = ['namespace', 'memories', 'of', 'bytes', 'of'];
  const rows = quotas.map(({ namespace, memories, bytes }) => [
    namespace,
    memories.used,
    memories.limit ?? 'any',
    bytes.used,
    bytes.limit ?? 'any',
  ]);
  return tableOf(head, rows);
}
