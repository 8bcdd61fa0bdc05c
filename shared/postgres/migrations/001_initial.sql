-- Up Migration

-- One row: what this installation is, and what its consistency tokens are signed with.
create table installation (
  only_row boolean primary key default true check (only_row),
  id uuid not null default gen_random_uuid(),
  secret bytea not null default decode(
    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
  log_generation integer not null default 1,
  created_at timestamptz not null default now()
);
insert into installation default values;

-- The truth. A deleted memory stays as a tombstone (deleted, no content) so that versions go on counting.
-- payload is json, not jsonb: it comes back as it was sent, keys in their order.
create table memories (
  namespace text not null,
  key text not null,
  coord text not null,
  deleted boolean not null,
  payload json,
  text text,
  text_given boolean,
  memory_type text,
  user_id text,
  agent_id text,
  thread_id text,
  actor text,
  tags text[],
  importance double precision,
  version bigint not null,
  revision bigint not null,
  partition integer not null,
  occurred_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz,
  updated_at timestamptz not null,
  primary key (namespace, key)
);
-- What projections follow: every change of a partition in the order of its revisions.
create index memories_by_revision on memories (partition, revision);
create index memories_by_expiry on memories (expires_at) where expires_at is not null and not deleted;
-- Keyword search when the vector index is out.
-- A tsvector holds 1 MB at most; what stands further behind in a long text is not found by keyword search.
create index memories_by_text on memories using gin (to_tsvector('english', left(text, 65536))) where not deleted;
-- What totals are counted from, without touching the rows.
create index memories_by_type on memories (memory_type, namespace) where not deleted;

-- Every version of every memory, deletions among them.
create table history (
  namespace text not null,
  key text not null,
  version bigint not null,
  revision bigint not null,
  partition integer not null,
  operation_id uuid not null,
  issuer text not null,
  at timestamptz not null,
  -- The MemoryState as JSON.
  state json not null,
  primary key (namespace, key, version)
);

-- Seen command ids and what became of them, in daily partitions that are dropped whole.
create table operations (
  command_id uuid not null,
  recorded_at timestamptz not null default now(),
  namespace text not null,
  topic text not null,
  partition integer not null,
  position bigint not null,
  generation integer not null,
  coord text not null,
  status text not null,
  deleted boolean,
  created boolean not null,
  version bigint,
  revision bigint,
  memory_type text,
  error_code text,
  error_detail text,
  index_error text,
  request_hash text,
  issuer text not null,
  accepted_at timestamptz not null,
  primary key (command_id, recorded_at)
) partition by range (recorded_at);
-- Takes rows when the day's partition is missing, so that a late job never loses a write.
create table operations_default partition of operations default;

-- How far each consumer group is. Moved in the transaction of the effect, only by the owner of the epoch.
create table progress (
  group_name text not null,
  topic text not null,
  partition integer not null,
  generation integer not null,
  epoch bigint not null default 0,
  position bigint not null default -1,
  fingerprint text,
  command_position bigint not null default -1,
  updated_at timestamptz not null default now(),
  primary key (group_name, topic, partition)
);

create table dead_letters (
  group_name text not null,
  topic text not null,
  generation integer not null,
  partition integer not null,
  position bigint not null,
  -- Bytes, and json instead of jsonb: a refused record may hold U+0000 anywhere.
  key bytea,
  value bytea,
  headers json not null,
  code text not null,
  message text not null,
  attempts integer not null,
  first_failed_at timestamptz not null,
  recorded_at timestamptz not null,
  command_id text,
  namespace text,
  coord text,
  -- False until the record is known to be in memory.dlq.
  published boolean not null default false,
  primary key (group_name, topic, generation, partition, position)
);
create index dead_letters_by_command on dead_letters (command_id) where command_id is not null;
create index dead_letters_unpublished on dead_letters (group_name, topic, partition) where not published;

create table links (
  namespace text not null,
  from_key text not null,
  link_type text not null,
  to_key text not null,
  from_coord text not null,
  to_coord text not null,
  weight double precision not null check (weight > 0),
  properties json not null,
  version bigint not null,
  revision bigint not null,
  -- Revisions of the ends as read when the link was made; 0 where there was no memory.
  from_revision bigint not null,
  to_revision bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (namespace, from_key, link_type, to_key)
);
create index links_by_target on links (namespace, to_key);

-- The embedded vector index: durable rows that each query process scans a copy of.
create table index_collections (
  name text primary key,
  model text not null,
  dimension integer not null,
  -- A copy made of another incarnation is worthless.
  incarnation uuid not null default gen_random_uuid(),
  -- Number of the latest change of a point. Every upsert takes its numbers from here and holds the row until it
  -- commits, so that changes become visible in their order: who has seen change n will never find a smaller one new.
  last_change bigint not null default 0,
  -- Greatest number among the pruned deletions: a copy that had not come so far may have missed one.
  pruned_change bigint not null default 0
);
create table index_points (
  collection text not null references index_collections (name) on delete cascade,
  namespace text not null,
  key text not null,
  partition integer not null,
  revision bigint not null,
  change bigint not null,
  deleted boolean not null,
  deleted_at timestamptz,
  -- Little-endian float32s.
  dense bytea,
  -- Little-endian uint32 term ids and float32 weights of the same length.
  sparse_indices bytea,
  sparse_values bytea,
  fields json,
  primary key (collection, namespace, key)
  -- Rows of usual size stay whole in their page: loading a copy reads them all.
) with (toast_tuple_target = 8160);
-- Floats do not compress.
alter table index_points alter column dense set storage external;
alter table index_points alter column sparse_values set storage external;
create index index_points_by_change on index_points (collection, change);
create index index_points_by_deletion on index_points (collection, deleted_at) where deleted;
create table index_progress (
  collection text not null references index_collections (name) on delete cascade,
  partition integer not null,
  generation integer not null,
  command_position bigint not null,
  primary key (collection, partition)
);

-- The event log of the standalone profile.
create table log_partitions (
  topic text not null,
  partition integer not null,
  -- The position the next record gets; updated in the append's own transaction, so that commit order is position order.
  next_position bigint not null default 0,
  -- First position still held.
  start_position bigint not null default 0,
  primary key (topic, partition)
);
create table log_records (
  topic text not null,
  partition integer not null,
  position bigint not null,
  -- Bytes, as it may hold U+0000.
  key bytea,
  value bytea,
  headers json not null,
  at timestamptz not null,
  primary key (topic, partition, position)
);
create table log_group_offsets (
  group_name text not null,
  topic text not null,
  partition integer not null,
  position bigint not null,
  primary key (group_name, topic, partition)
);
create table log_members (
  group_name text not null,
  member_id uuid not null,
  topics text[] not null,
  heartbeat_at timestamptz not null,
  primary key (group_name, member_id)
);
