import { formatOptionalTime, formatTime } from '@soma/memory';
import type { OpenDelivery } from '@soma/webhook-store';
import { apiRoute, type Route } from '../route.js';
import { noQuery } from '../schemas/reads.js';
import { deliveriesAnswer, deliveriesQuery, retryAnswer, retryBody } from '../schemas/webhooks.js';
import { cursorAfter, idOfCursor, pageOf } from './page-cursor.js';
import { JSON_ONLY, type AdminRouteDeps } from './route-deps.js';
import { ACT_OF_ADMINS, FOR_ADMINS, found, nameIn } from './webhook-views.js';

const PLACE_FORM = /^\d{1,16}-\d{1,9}$/;

/** What webhooks were not told yet, or never will be. */
export function webhookDeliveryRoutes(deps: AdminRouteDeps): Route[] {
  return [listDeliveries(deps), retryDeliveries(deps)];
}

function listDeliveries({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...FOR_ADMINS,
    method: 'get',
    path: '/webhooks/{id}/deliveries',
    operationId: 'listDeliveries',
    summary: 'Deliveries that did not arrive: those that were given up, or that wait for their next attempt',
    query: deliveriesQuery,
    answers: { 200: { description: 'One page, the oldest change first', schema: deliveriesAnswer } },
    errors: ['webhook_not_found', 'invalid_cursor'],
    handle: async (request) => {
      const name = nameIn(request);
      const { state, limit, cursor } = request.query;
      found(await webhooks.get(name));
      const asked = [name.namespace, name.webhook_id, state];
      const place = idOfCursor(cursor, asked, PLACE_FORM)?.split('-').map(Number);
      const after = place === undefined ? null : { revision: place[0] ?? 0, partition: place[1] ?? 0 };
      const open = await webhooks.deliveries({ ...name, state, after, limit: limit + 1 });
      const { page, next_cursor } = pageOf(open, limit, ({ revision, partition }) =>
        cursorAfter(`${revision}-${partition}`, asked),
      );
      return { status: 200, body: { deliveries: page.map(presentDelivery), next_cursor } };
    },
  });
}

function retryDeliveries({ webhooks }: AdminRouteDeps): Route {
  return apiRoute({
    ...ACT_OF_ADMINS,
    method: 'post',
    path: '/webhooks/{id}/deliveries/retry',
    operationId: 'retryDeliveries',
    summary: 'Try deliveries again that were given up',
    query: noQuery,
    body: { schema: retryBody, media_types: JSON_ONLY },
    answers: { 200: { description: 'How many are tried again', schema: retryAnswer } },
    errors: ['webhook_not_found', 'unsupported_media_type'],
    handle: async (request) => {
      const name = nameIn(request);
      found(await webhooks.get(name));
      const retried = await webhooks.retry(name, request.body.operation_id ?? null);
      return { status: 200, body: { retried }, target: name.webhook_id };
    },
  });
}

function presentDelivery(delivery: OpenDelivery): Record<string, unknown> {
  const { operation_id, event, coord, version, attempts, last_failure } = delivery;
  return {
    operation_id,
    event,
    coord,
    version,
    at: formatTime(delivery.at),
    attempts,
    last_failure,
    next_attempt_at: formatOptionalTime(delivery.next_attempt_at),
    given_up_at: formatOptionalTime(delivery.given_up_at),
  };
}
