import { show, type CommandContext } from '../command-context.js';
import { tableOf } from '../table.js';

interface Act {
  id: number;
  at: string;
  request_id: string;
  subject: string;
  action: string;
  address: string;
  namespace: string | null;
  target: string | null;
  status: number | null;
  code: string | null;
}

export interface AuditOptions {
  subject?: string;
  action?: string;
  since?: string;
  limit: number;
  cursor?: string;
}

export async function audit(context: CommandContext, options: AuditOptions): Promise<void> {
  const { body } = await context.api.call<{ acts: Act[]; next_cursor: string | null }>(
    'GET',
    '/admin/audit',
    {
      query: { ...options },
    },
  );
  show(context, body, () => auditText(body.acts, body.next_cursor));
}

function auditText(acts: readonly Act[], next: string | null): string {
  if (acts.length === 0) return 'nothing was done';
  const head = ['when', 'who', 'what', 'on', 'namespace', 'from', 'outcome'];
  const rows = acts.map((act) => [
    act.at,
    act.subject,
    act.action,
    act.target,
    act.namespace,
    act.address,
    outcomeOf(act),
  ]);
  return `${tableOf(head, rows)}${next === null ? '' : `\nmore: --cursor ${next}`}`;
}

function outcomeOf({ status, code }: Act): string {
  if (status === null) return 'unknown';
  return code === null ? String(status) : `${status} ${code}`;
}
