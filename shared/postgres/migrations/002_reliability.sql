-- Up Migration

-- Dead letters: what an operator did with each.
alter table dead_letters
  add column id bigint generated always as identity unique,
  -- Canonical key of its memory, of a link that of the memory it leads from; null where that could not be read.
  add column memory_key text,
  add column status text not null default 'open' check (status in ('open', 'redriven', 'discarded')),
  add column changed_at timestamptz,
  add column changed_by text,
  -- Where the record stands that was produced again; null until then.
  add column redriven_generation integer,
  add column redriven_partition integer,
  add column redriven_position bigint;
-- Lists by status, newest first, and counts without touching the rows.
create index dead_letters_by_status on dead_letters (status, id) include (code);
create index dead_letters_by_memory on dead_letters (namespace, memory_key) where memory_key is not null;
create index dead_letters_by_time on dead_letters (recorded_at);

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
-- Of a dead letter whose content was erased; the row stays, so that it stays counted.
alter table dead_letters
  add column erased_at timestamptz,
  -- The command that erased it.
  add column erased_by uuid;
-- Letters by record key. A key may be of any length, an entry of an index not; those of memories are shorter.
create index dead_letters_by_key on dead_letters (substring(key for 1100)) where erased_at is null;
create index dead_letters_by_erasure on dead_letters (erased_by) where erased_by is not null;
create index memories_by_deletion on memories (updated_at) where deleted;
create index history_by_time on history (at);
-- Work that one process at a time does now and then, and how far it is.
create table duties (
  name text primary key,
  holder uuid,
  held_until timestamptz,
  -- Everything before is done; of the duty's own meaning.
  done_until timestamptz
);

-- Admission by what waits to be indexed.
-- What is behind is counted by namespace without touching the rows, once they are vacuumed.
drop index memories_by_revision;
create index memories_by_revision on memories (partition, revision) include (namespace);

-- The vector index.
-- Which collection of a model is in use; a model without a row has one, of its own name.
create table index_generations (
  base text primary key,
  -- What searches name.
  active text not null,
  -- What is being filled, and written beside the active one.
  building text,
  -- What was active before, and is written until no search names it any more.
  retiring text
);
-- A live point that is taken out by hand takes its partition's progress along, so that the hole is noticed and filled.
create function forget_index_progress() returns trigger language plpgsql as $$
begin
  delete from index_progress using (select distinct collection, partition from gone where not deleted) as hole
  where index_progress.collection = hole.collection and index_progress.partition = hole.partition;
  return null;
end $$;
create trigger points_gone after delete on index_points referencing old table as gone
  for each statement execute function forget_index_progress();
create function forget_all_index_progress() returns trigger language plpgsql as $$
begin
  delete from index_progress;
  return null;
end $$;
create trigger points_truncated after truncate on index_points
  for each statement execute function forget_all_index_progress();
