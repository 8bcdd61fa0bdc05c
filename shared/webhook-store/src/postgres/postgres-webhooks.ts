import { inTransaction, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type {
  NewWebhook,
  OpenDelivery,
  OpenDeliveriesPage,
  Webhook,
  WebhookChange,
  WebhookName,
  WebhookRotation,
  Webhooks,
  WebhookState,
} from '../webhooks.js';
import { DELIVERY, WEBHOOK, type DeliveryRow, type WebhookRow } from './webhook-row.js';

/** Webhooks as rows; the pool stays the caller's to end. */
export function createPostgresWebhooks({ pool }: { pool: pg.Pool }): Webhooks {
  const one = async <Row extends object>(text: string, values: unknown[]): Promise<Row | undefined> =>
    withStoreErrors(async () => (await pool.query<Row>(text, values)).rows[0]);
  return {
    create: (webhook, most) => inTransaction(pool, (tx) => create(tx, webhook, most)),
    get: ({ namespace, webhook_id }) => one<WebhookState>(GET, [namespace, webhook_id]),
    list: ({ namespace, after, limit }) =>
      withStoreErrors(async () => (await pool.query<WebhookState>(LIST, [namespace, after, limit])).rows),
    change: (name, change) => one<WebhookRow>(CHANGE, changeValues(name, change)),
    rotate: ({ namespace, webhook_id, secret, overlap_ms }: WebhookRotation) =>
      one<WebhookRow>(ROTATE, [namespace, webhook_id, secret, overlap_ms]),
    remove: async ({ namespace, webhook_id }) =>
      (await one<{ webhook_id: string }>(REMOVE, [namespace, webhook_id])) !== undefined,
    deliveries: (page) => withStoreErrors(() => openDeliveries(pool, page)),
    retry: ({ namespace, webhook_id }, operationId) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ count: number }>(RETRY, [namespace, webhook_id, operationId]);
        return rows[0]?.count ?? 0;
      }),
  };
}

/** One after the other, so that two do not both take the last place of a namespace. */
async function create(tx: Queryable, webhook: NewWebhook, most: number): Promise<Webhook | undefined> {
  const { webhook_id, namespace, url, description, events, asked, filter, secret, since, by } = webhook;
  await tx.query(LOCK, [namespace]);
  const { rows } = await tx.query<{ count: number }>(COUNT, [namespace]);
  if ((rows[0]?.count ?? 0) >= most) return undefined;
  const described = [webhook_id, namespace, url, description, events];
  const values = [...described, JSON.stringify(asked), JSON.stringify(filter), by, secret, since];
  return (await tx.query<WebhookRow>(CREATE, values)).rows[0];
}

function changeValues({ namespace, webhook_id }: WebhookName, change: WebhookChange): unknown[] {
  const { url = null, description = null, events = null, paused = false, from = null } = change;
  return [namespace, webhook_id, url, description, events, paused, from];
}

async function openDeliveries(
  pool: pg.Pool,
  { namespace, webhook_id, state, after, limit }: OpenDeliveriesPage,
): Promise<OpenDelivery[]> {
  const from = [after?.revision ?? -1, after?.partition ?? -1];
  const values = [namespace, webhook_id, state === 'waiting', ...from, limit];
  return (await pool.query<DeliveryRow>(OPEN_DELIVERIES, values)).rows;
}

const LOCK = `select pg_advisory_xact_lock(hashtextextended('webhooks of ' || $1, 0))`;
const COUNT = `select count(*) as count from webhooks where namespace = $1`;

/** The clock is read before the row is there: what is committed behind it has a later time, or the same. */
const CREATE = `
  insert into webhooks (webhook_id, namespace, url, description, events, asked, filter, created_by, secret, place)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, jsonb_build_object(
    'since', coalesce($10::bigint, floor(extract(epoch from now()) * 1000)::bigint)))
  returning ${WEBHOOK}`;

const STATE = `
  select ${WEBHOOK},
    (select count(*) from webhook_deliveries as open
      where open.webhook_id = webhooks.webhook_id and next_attempt_at is not null) as waiting,
    (select count(*) from webhook_deliveries as open
      where open.webhook_id = webhooks.webhook_id and given_up_at is not null) as given_up
  from webhooks`;

const GET = `${STATE} where namespace = $1 and webhook_id = $2`;

const LIST = `${STATE}
  where namespace = $1 and ($2::uuid is null or webhook_id > $2)
  order by webhook_id
  limit $3`;

const CHANGE = `
  update webhooks set
    url = coalesce($3, url),
    description = coalesce($4, description),
    events = coalesce($5, events),
    stopped_because = case when $6 then 'paused' end,
    failing_since = case when $6 then failing_since end,
    place = case when $7::bigint is null then place else jsonb_build_object('since', $7::bigint) end,
    updated_at = now()
  where namespace = $1 and webhook_id = $2
  returning ${WEBHOOK}`;

const ROTATE = `
  update webhooks set
    former_secret = secret, former_until = now() + $4 * interval '1 millisecond', secret = $3, updated_at = now()
  where namespace = $1 and webhook_id = $2
  returning ${WEBHOOK}`;

const REMOVE = `delete from webhooks where namespace = $1 and webhook_id = $2 returning webhook_id`;

const OPEN_DELIVERIES = `
  select ${DELIVERY} from webhook_deliveries
  where namespace = $1 and webhook_id = $2 and (next_attempt_at is not null) = $3 and (revision, partition) > ($4, $5)
  order by revision, partition
  limit $6`;

/** Changes the webhook too, so that who tells it looks again. */
const RETRY = `
  with tried as (
    update webhook_deliveries set attempts = 0, given_up_at = null, next_attempt_at = now()
    where namespace = $1 and webhook_id = $2 and given_up_at is not null and ($3::uuid is null or operation_id = $3)
    returning webhook_id
  ), touched as (
    update webhooks set updated_at = now() where webhook_id in (select webhook_id from tried)
  )
  select count(*) as count from tried`;
