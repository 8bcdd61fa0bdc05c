import { formatOptionalTime, formatTime, isUuid } from '@soma/memory';
import type { Webhook, WebhookName } from '@soma/webhook-store';
import { forbidden } from '../access/caller.js';
import { RequestRefused } from '../refusal.js';
import type { ApiRequest, ApiRoute } from '../route.js';

/** What the routes of webhooks have in common. */
export const FOR_ADMINS = {
  tag: 'webhooks',
  access: 'admin',
  role: 'admin',
  headers: [],
} as const satisfies Partial<ApiRoute>;
export const ACT_OF_ADMINS = { ...FOR_ADMINS, isAdminAct: () => true };

type Named = Pick<ApiRequest<unknown, unknown>, 'namespace' | 'caller' | 'params'>;

/** A webhook sees everything in its namespace. @throws RequestRefused forbidden */
export function namespaceOf({ namespace, caller }: Named): string {
  if (caller.user_id !== null) throw forbidden('a token that is bound to a user has no webhooks');
  return namespace;
}

/** @throws RequestRefused forbidden, webhook_not_found */
export function nameIn(request: Named): WebhookName {
  const namespace = namespaceOf(request);
  const { id } = request.params;
  if (id === undefined || !isUuid(id)) throw notFound();
  return { namespace, webhook_id: id.toLowerCase() };
}

export function found<T>(webhook: T | undefined): T {
  if (webhook === undefined) throw notFound();
  return webhook;
}

export function notFound(): RequestRefused {
  return new RequestRefused('webhook_not_found', 'no webhook of this namespace has this id');
}

export function presentWebhook(webhook: Webhook): Record<string, unknown> {
  return {
    ...webhook,
    // As it was asked for, it is told.
    filter: undefined,
    created_at: formatTime(webhook.created_at),
    updated_at: formatTime(webhook.updated_at),
    last_delivered_at: formatOptionalTime(webhook.last_delivered_at),
    failing_since: formatOptionalTime(webhook.failing_since),
  };
}
