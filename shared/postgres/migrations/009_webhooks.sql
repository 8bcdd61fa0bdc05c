-- Up Migration

-- Whom to tell what changes in a namespace.
create table webhooks (
  -- UUIDv7, so that their order is that of their making.
  webhook_id uuid primary key,
  namespace text not null,
  url text not null,
  description text not null,
  events text[] not null,
  -- The filter as it was asked for, and as it is looked at.
  asked jsonb not null,
  filter jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  -- Null while it is told.
  stopped_because text,
  -- What deliveries are signed with: unlike a token, it has to be known again. The former one signs too until its time.
  secret text not null,
  former_secret text,
  former_until timestamptz,
  -- How far the changes are taken in: a place of the change feed, or a time to begin at.
  place jsonb not null,
  delivered bigint not null default 0,
  last_delivered_at timestamptz,
  -- Since when nothing but failures; null when the last attempt arrived.
  failing_since timestamptz,
  last_failure text,
  -- Which process tells it, until when unless it says so again.
  lease_owner uuid,
  lease_until timestamptz
);
create index webhooks_by_namespace on webhooks (namespace, webhook_id);

-- What is still to be told; a delivery that arrived is no row any more.
create table webhook_deliveries (
  webhook_id uuid not null references webhooks on delete cascade,
  partition integer not null,
  revision bigint not null,
  namespace text not null,
  key text not null,
  coord text not null,
  version bigint not null,
  event text not null,
  -- Of the command that made the change: the id under which a receiver knows the message again.
  operation_id uuid not null,
  at timestamptz not null,
  attempts integer not null default 0,
  last_failure text,
  -- Null: given up.
  next_attempt_at timestamptz,
  given_up_at timestamptz,
  primary key (webhook_id, revision, partition),
  check ((next_attempt_at is null) <> (given_up_at is null))
);
create index webhook_deliveries_by_due on webhook_deliveries (webhook_id, next_attempt_at)
  where next_attempt_at is not null;
create index webhook_deliveries_by_memory on webhook_deliveries (webhook_id, key, revision)
  where next_attempt_at is not null;
create index webhook_deliveries_by_end on webhook_deliveries (given_up_at) where given_up_at is not null;
create index webhook_deliveries_by_operation on webhook_deliveries (webhook_id, operation_id);
create index webhook_deliveries_of_namespace on webhook_deliveries (namespace, key);
