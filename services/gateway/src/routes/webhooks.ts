import { newWebhookSecret, type Webhook } from '@soma/webhook-store';
import { v7 } from 'uuid';
import { RequestRefused } from '../refusal.js';
import { apiRoute, type Answer, type Route } from '../route.js';
import { noQuery } from '../schemas/reads.js';
import {
  newWebhookBody,
  removedAnswer,
  webhookAnswer,
  webhookChangeBody,
  webhookRotateBody,
  webhooksAnswer,
  webhookSecretAnswer,
  webhooksQuery,
  webhookStateAnswer,
} from '../schemas/webhooks.js';
import { cursorAfter, idOfCursor, pageOf } from './page-cursor.js';
import { requestedFilter } from './requested-filter.js';
import { JSON_ONLY, type AdminRouteDeps } from './route-deps.js';
import {
  ACT_OF_ADMINS,
  FOR_ADMINS,
  found,
  nameIn,
  namespaceOf,
  notFound,
  presentWebhook,
} from './webhook-views.js';

const UUID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Who is told, over HTTP, what changes in a namespace. */
export function webhookRoutes(deps: AdminRouteDeps): Route[] {
  return [
    createWebhook(deps),
    listWebhooks(deps),
    getWebhook(deps),
    changeWebhook(deps),
    deleteWebhook(deps),
    rotateWebhook(deps),
  ];
}

function createWebhook({ webhooks, settings }: AdminRouteDeps): Route {
  return apiRoute({
    ...ACT_OF_ADMINS,
    method: 'post',
    path: '/webhooks',
    operationId: 'createWebhook',
    summary: 'Have what changes in the namespace sent to a URL; the secret is shown in this answer only',
    query: noQuery,
    body: { schema: newWebhookBody, media_types: JSON_ONLY },
    answers: { 201: { description: 'The webhook and its secret', schema: webhookSecretAnswer } },
    errors: ['invalid_filter', 'quota_exceeded', 'unsupported_media_type'],
    handle: async (request) => {
      const namespace = namespaceOf(request);
      const { url, description, events, since = null, ...asked } = request.body;
      const filter = requestedFilter(asked);
      const named = { webhook_id: v7(), namespace, by: request.caller.subject };
      const secret = newWebhookSecret();
      const described = { url, description, events, asked: withoutAbsent(asked), filter, secret, since };
      const made = await webhooks.create({ ...named, ...described }, settings.SOMA_MAX_WEBHOOKS);
      if (made === undefined) {
        const most = settings.SOMA_MAX_WEBHOOKS;
        throw new RequestRefused('quota_exceeded', `the namespace has ${most} webhooks, and no more may be`);
      }
      return withSecret(201, made, secret);
    },
  });
}

function listWebhooks({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...FOR_ADMINS,
    method: 'get',
    path: '/webhooks',
    operationId: 'listWebhooks',
    summary: 'The webhooks of the namespace, oldest first; never their secrets',
    query: webhooksQuery,
    answers: { 200: { description: 'One page', schema: webhooksAnswer } },
    errors: ['invalid_cursor'],
    handle: async (request) => {
      const namespace = namespaceOf(request);
      const { limit, cursor } = request.query;
      const after = idOfCursor(cursor, [namespace], UUID_FORM);
      const found = await webhooks.list({ namespace, after, limit: limit + 1 });
      const { page, next_cursor } = pageOf(found, limit, (last) => cursorAfter(last.webhook_id, [namespace]));
      return { status: 200, body: { webhooks: page.map(presentWebhook), next_cursor } };
    },
  });
}

function getWebhook({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...FOR_ADMINS,
    method: 'get',
    path: '/webhooks/{id}',
    operationId: 'getWebhook',
    summary: 'A webhook, and how it stands; never its secret',
    query: noQuery,
    answers: { 200: { description: 'The webhook', schema: webhookStateAnswer } },
    errors: ['webhook_not_found'],
    handle: async (request) => answerWith(found(await webhooks.get(nameIn(request)))),
  });
}

function changeWebhook({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...ACT_OF_ADMINS,
    method: 'patch',
    path: '/webhooks/{id}',
    operationId: 'changeWebhook',
    summary: 'Change a webhook; one that had stopped goes on, unless the change pauses it',
    query: noQuery,
    body: { schema: webhookChangeBody, media_types: JSON_ONLY },
    answers: { 200: { description: 'The webhook from now on', schema: webhookAnswer } },
    errors: ['webhook_not_found', 'unsupported_media_type'],
    handle: async (request) => {
      const change = withoutAbsent(request.body);
      return answerWith(found(await webhooks.change(nameIn(request), change)));
    },
  });
}

function deleteWebhook({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...ACT_OF_ADMINS,
    method: 'delete',
    path: '/webhooks/{id}',
    operationId: 'deleteWebhook',
    summary: 'Send nothing more to a webhook, and forget it',
    query: noQuery,
    answers: { 200: { description: 'It is gone', schema: removedAnswer } },
    errors: ['webhook_not_found'],
    handle: async (request) => {
      const name = nameIn(request);
      if (!(await webhooks.remove(name))) throw notFound();
      return { status: 200, body: { deleted: true }, target: name.webhook_id };
    },
  });
}

function rotateWebhook({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...ACT_OF_ADMINS,
    method: 'post',
    path: '/webhooks/{id}/rotate',
    operationId: 'rotateWebhook',
    summary: 'Give a webhook another secret; the former one signs too until the overlap is over',
    query: noQuery,
    body: { schema: webhookRotateBody, media_types: JSON_ONLY },
    answers: { 200: { description: 'The webhook and its new secret', schema: webhookSecretAnswer } },
    errors: ['webhook_not_found', 'unsupported_media_type'],
    handle: async (request) => {
      const secret = newWebhookSecret();
      const overlap_ms = request.body.overlap_seconds * 1000;
      return withSecret(
        200,
        found(await webhooks.rotate({ ...nameIn(request), secret, overlap_ms })),
        secret,
      );
    },
  });
}

function answerWith(webhook: Webhook): Answer {
  return { status: 200, body: { webhook: presentWebhook(webhook) }, target: webhook.webhook_id };
}

function withSecret(status: number, webhook: Webhook, secret: string): Answer {
  return {
    status,
    headers: { 'Cache-Control': 'no-store', Location: `/webhooks/${webhook.webhook_id}` },
    body: { webhook: presentWebhook(webhook), secret },
    target: webhook.webhook_id,
  };
}

/** Without what was not given. */
function withoutAbsent<T extends object>(given: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
