import { inTransaction, timestamp, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { Attempted, Deliveries, HeldWebhook, NewDelivery } from '../deliveries.js';
import { DELIVERY, WEBHOOK, type DeliveryRow } from './webhook-row.js';

/** Deliveries as rows; the pool stays the caller's to end. */
export function createPostgresDeliveries({ pool }: { pool: pg.Pool }): Deliveries {
  return {
    claim: ({ owner, leaseMs, most }) =>
      withStoreErrors(async () => (await pool.query<HeldWebhook>(CLAIM, [owner, leaseMs, most])).rows),
    release: (owner) =>
      withStoreErrors(async () => {
        await pool.query(RELEASE, [owner]);
      }),
    waiting: (webhookId, most) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<Waiting>(WAITING, [webhookId, most]);
        return rows[0] ?? { count: 0, due_at: null, now: 0 };
      }),
    take: (taken) => inTransaction(pool, (tx) => take(tx, taken)),
    due: (webhookId, limit) =>
      withStoreErrors(async () => (await pool.query<DeliveryRow>(DUE, [webhookId, limit])).rows),
    settle: (webhookId, attempted) => inTransaction(pool, (tx) => settle(tx, webhookId, attempted)),
    stop: (webhookId, reason) =>
      withStoreErrors(async () => {
        await pool.query(STOP, [webhookId, reason]);
      }),
    prune: (before) =>
      withStoreErrors(async () => (await pool.query(PRUNE, [timestamp(before)])).rowCount ?? 0),
  };
}

interface Waiting {
  count: number;
  due_at: number | null;
  now: number;
}

async function take(
  tx: Queryable,
  { owner, webhook_id, deliveries, arrived, place }: Parameters<Deliveries['take']>[0],
): Promise<boolean> {
  const failures = deliveries.flatMap(({ failed }) => failed?.failure ?? []);
  const moved = await tx.query(MOVE, [
    webhook_id,
    owner,
    JSON.stringify(place),
    arrived,
    failures.at(-1) ?? null,
  ]);
  if (moved.rowCount === 0) return false;
  if (deliveries.length === 0) return true;
  const column = <Name extends keyof NewDelivery>(name: Name) => deliveries.map((delivery) => delivery[name]);
  await tx.query(ADD, [
    webhook_id,
    column('partition'),
    column('revision'),
    column('key'),
    column('coord'),
    column('version'),
    column('event'),
    column('operation_id'),
    deliveries.map(({ at }) => timestamp(at)),
    deliveries.map(({ failed }) => failed?.failure ?? null),
    deliveries.map(({ failed }) => (failed?.kind === 'failed' ? failed.againInMs : 0)),
    deliveries.map(({ failed }) => failed?.kind === 'given_up'),
  ]);
  return true;
}

async function settle(tx: Queryable, webhookId: string, attempted: readonly Attempted[]): Promise<void> {
  const over = attempted.filter(({ outcome }) => outcome.kind === 'arrived' || outcome.kind === 'void');
  const arrived = attempted.filter(({ outcome }) => outcome.kind === 'arrived').length;
  const failed = attempted.flatMap(({ delivery: { revision, partition }, outcome }) => {
    if (outcome.kind === 'arrived' || outcome.kind === 'void') return [];
    const again = outcome.kind === 'failed' ? outcome.againInMs : null;
    return [{ revision, partition, failure: outcome.failure, again }];
  });
  const places = over.map(({ delivery }) => delivery);
  await tx.query(FORGET, [
    webhookId,
    places.map(({ revision }) => revision),
    places.map(({ partition }) => partition),
  ]);
  await tx.query(FAIL, [
    webhookId,
    failed.map(({ revision }) => revision),
    failed.map(({ partition }) => partition),
    failed.map(({ failure }) => failure),
    failed.map(({ again }) => again),
  ]);
  if (arrived > 0 || failed.length > 0)
    await tx.query(COUNT, [webhookId, arrived, failed.at(-1)?.failure ?? null]);
}

/** What is locked is being claimed, changed or taken in for by another: the next round sees it. */
const CLAIM = `
  with free as (
    select webhook_id from webhooks
    where stopped_because is null and (lease_owner = $1 or lease_until is null or lease_until < now())
    order by (lease_owner = $1) is not true, lease_until nulls first
    limit $3
    for update skip locked
  )
  update webhooks set lease_owner = $1, lease_until = now() + $2 * interval '1 millisecond'
  from free where webhooks.webhook_id = free.webhook_id
  returning ${WEBHOOK.replace('webhook_id', 'webhooks.webhook_id')}, place,
    case when former_until > now() then array[secret, former_secret] else array[secret] end as secrets`;

const RELEASE = `update webhooks set lease_owner = null, lease_until = null where lease_owner = $1`;

/** One that stands behind another of its memory is due when that is over. */
const WAITING = `
  select count(*) as count, min(next_attempt_at) filter (where not exists (
    select from webhook_deliveries as older
    where older.webhook_id = $1 and older.key = first.key and older.revision < first.revision
      and older.next_attempt_at is not null)) as due_at, now() as now
  from (
    select key, revision, next_attempt_at from webhook_deliveries
    where webhook_id = $1 and next_attempt_at is not null
    order by next_attempt_at
    limit $2
  ) as first`;

/** What attempts tell of a webhook: $n has how many arrived, $n + 1 why one failed. */
const told = (arrived: string, failure: string): string => `
    delivered = delivered + ${arrived},
    last_delivered_at = case when ${arrived} > 0 then now() else last_delivered_at end,
    failing_since = case
      when ${arrived} > 0 then null
      when ${failure}::text is null then failing_since
      else coalesce(failing_since, now()) end,
    last_failure = coalesce(${failure}, last_failure)`;

const MOVE = `
  update webhooks set place = $3, ${told('$4::bigint', '$5')}
  where webhook_id = $1 and lease_owner = $2 and lease_until > now() and stopped_because is null`;

const ADD = `
  insert into webhook_deliveries
    (webhook_id, namespace, partition, revision, key, coord, version, event, operation_id, at, attempts, last_failure,
      next_attempt_at, given_up_at)
  select $1, webhooks.namespace, taken.partition, taken.revision, taken.key, taken.coord, taken.version, taken.event,
    taken.operation_id, taken.at, (taken.failure is not null)::int, taken.failure,
    case when not taken.is_given_up then now() + taken.again * interval '1 millisecond' end,
    case when taken.is_given_up then now() end
  from webhooks, unnest($2::int[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::uuid[],
    $9::timestamptz[], $10::text[], $11::bigint[], $12::boolean[]) as taken (partition, revision, key, coord, version,
      event, operation_id, at, failure, again, is_given_up)
  where webhooks.webhook_id = $1
  on conflict do nothing`;

const DUE = `
  select ${DELIVERY} from webhook_deliveries as due
  where webhook_id = $1 and next_attempt_at <= now() and not exists (
    select from webhook_deliveries as older
    where older.webhook_id = due.webhook_id and older.key = due.key and older.revision < due.revision
      and older.next_attempt_at is not null)
  order by revision, partition
  limit $2`;

const FORGET = `
  delete from webhook_deliveries using unnest($2::bigint[], $3::int[]) as over (revision, partition)
  where webhook_id = $1 and webhook_deliveries.revision = over.revision and webhook_deliveries.partition = over.partition`;

const FAIL = `
  update webhook_deliveries set
    attempts = attempts + 1,
    last_failure = failed.failure,
    next_attempt_at = now() + failed.again * interval '1 millisecond',
    given_up_at = case when failed.again is null then now() end
  from unnest($2::bigint[], $3::int[], $4::text[], $5::bigint[]) as failed (revision, partition, failure, again)
  where webhook_id = $1 and webhook_deliveries.revision = failed.revision
    and webhook_deliveries.partition = failed.partition`;

const COUNT = `
  update webhooks set ${told('$2::bigint', '$3')}
  where webhook_id = $1`;

const STOP = `
  update webhooks set stopped_because = $2, lease_owner = null, lease_until = null, updated_at = now()
  where webhook_id = $1 and stopped_because is null`;

const PRUNE = `delete from webhook_deliveries where given_up_at < $1`;
