-- Up Migration

-- Dead letters: what an operator did with each.

-- Jobs: long work that a service does in steps and goes on with after a crash.
create table jobs (
  job_id uuid primary key default gen_random_uuid(),
  kind text not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  request json not null,
  -- Where the next step begins; of the kind's own making.
  cursor json,
  done bigint not null default 0,
  -- Null while nobody knows.
  total bigint,
  result json,
  error_code text,
  error_detail text,
  issuer text not null,
  -- Grows with each lease: who holds an older one may write nothing.
  lease_epoch bigint not null default 0,
  leased_until timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index jobs_open on jobs (kind, created_at) where state in ('waiting', 'running');
create index jobs_by_time on jobs (created_at desc, job_id);

-- Erase, expiry, retention.

-- Admission by what waits to be indexed.
