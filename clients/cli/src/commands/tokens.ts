import { show, type CommandContext } from '../command-context.js';
import { CommandFailed, EXIT, type ExitCode } from '../exit-codes.js';
import { pairsOf, tableOf, type Cell } from '../table.js';

interface Token {
  token_id: string;
  description: string;
  role: string;
  namespaces: string[];
  user_id: string | null;
  rates: Record<string, number>;
  expires_at: string | null;
  created_at: string;
  created_by: string;
  rotated_at: string | null;
  revoked_at: string | null;
}

interface WithSecret {
  token: Token;
  secret: string;
}

export interface CreateOptions {
  role: string;
  namespaces: string[];
  userId?: string;
  ttl?: number;
  rate?: Record<string, number>;
}

export interface ListOptions {
  ended?: boolean;
  limit: number;
  cursor?: string;
}

export async function create(
  context: CommandContext,
  description: string,
  { role, namespaces, userId, ttl, rate }: CreateOptions,
): Promise<void> {
  const body = { description, role, namespaces, user_id: userId, ttl_seconds: ttl, rates: rate };
  showSecret(context, (await context.api.call<WithSecret>('POST', '/admin/tokens', { body })).body);
}

export async function rotate(context: CommandContext, id: string, overlap: number): Promise<void> {
  const body = { overlap_seconds: overlap };
  showSecret(context, (await context.api.call<WithSecret>('POST', `${pathOf(id)}/rotate`, { body })).body);
}

/** The secret is the last line of the output; what else is to be said of it goes beside. */
function showSecret(context: CommandContext, answer: WithSecret): void {
  show(context, answer, () => `${tokenText(answer.token)}\n${answer.secret}`);
  context.terminal.note('The secret is shown here and never again: keep it where secrets are kept.');
}

export async function list(context: CommandContext, { ended, limit, cursor }: ListOptions): Promise<void> {
  const query = { ended: ended === true ? 'true' : undefined, limit, cursor };
  const { body } = await context.api.call<{ tokens: Token[]; next_cursor: string | null }>(
    'GET',
    '/admin/tokens',
    { query },
  );
  show(context, body, () => listText(body.tokens, body.next_cursor));
}

function listText(tokens: readonly Token[], next: string | null): string {
  if (tokens.length === 0) return 'no tokens beside that of SOMA_API_TOKEN';
  const head = ['id', 'for', 'role', 'namespaces', 'user', 'made', 'ends'];
  const rows = tokens.map((token) => [
    token.token_id,
    token.description,
    token.role,
    token.namespaces.join(', '),
    token.user_id,
    token.created_at,
    endOf(token),
  ]);
  return `${tableOf(head, rows)}${next === null ? '' : `\nmore: --cursor ${next}`}`;
}

/** Ends each that it can, and ends with a failure when one was refused. */
export async function revoke(context: CommandContext, ids: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  for (const id of ids) {
    try {
      const { body } = await context.api.call<{ token: Token }>('POST', `${pathOf(id)}/revoke`);
      show(context, body, () => `${id} ${endOf(body.token) ?? 'revoked'}`);
    } catch (error) {
      if (!(error instanceof CommandFailed) || error.exitCode !== EXIT.refused) throw error;
      context.terminal.note(`soma: token ${id}: ${error.message}`);
      exitCode = EXIT.refused;
    }
  }
  return exitCode;
}

function tokenText(token: Token): string {
  const rates = Object.entries(token.rates).map(([name, quota]) => `${name} ${quota}/s`);
  const pairs: [string, Cell][] = [
    ['id', token.token_id],
    ['for', token.description],
    ['role', token.role],
    ['namespaces', token.namespaces.join(', ')],
    ['user', token.user_id],
    ['rates', rates.join(', ')],
    ['ends', endOf(token)],
  ];
  return pairsOf(pairs);
}

function endOf({ revoked_at, expires_at }: Token): string | null {
  return revoked_at === null ? expires_at : `revoked ${revoked_at}`;
}

function pathOf(id: string): string {
  return `/admin/tokens/${encodeURIComponent(id)}`;
}
