-- Up Migration

-- Jobs that carry out a caller's request, a deletion by filter: they are operations of its namespace.
alter table jobs
  -- Null of what operators ask for.
  add column namespace text,
  -- What makes two requests under one Idempotency-Key the same.
  add column request_hash text;
create index jobs_open_of_namespace on jobs (namespace)
  where namespace is not null and state in ('waiting', 'running');

-- What a namespace lets go of by itself.
create table retention_policies (
  namespace text primary key,
  -- Each is null where it is not asked for.
  ttl_seconds bigint check (ttl_seconds > 0),
  max_memories bigint check (max_memories >= 0),
  half_life_seconds bigint check (half_life_seconds > 0),
  min_score double precision,
  count_accesses boolean not null default false,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  -- Enforced next at this time, or as soon after it as may be.
  due_at timestamptz not null default now(),
  last_run_at timestamptz,
  last_run_deleted bigint,
  -- Since the policy was first set.
  deleted_ttl bigint not null default 0,
  deleted_decay bigint not null default 0,
  deleted_max_memories bigint not null default 0
);
create index retention_policies_by_due on retention_policies (due_at);

-- How often memories were read or found, about: counts are gathered in the process and a crash loses some.
create table memory_accesses (
  namespace text not null,
  key text not null,
  -- Of the memory that was counted: one made again under its key begins anew.
  created_at timestamptz not null,
  accesses bigint not null,
  accessed_at timestamptz not null,
  primary key (namespace, key)
  -- Room in the page for the next version of a row, so that counting touches no index.
) with (fillfactor = 70);
