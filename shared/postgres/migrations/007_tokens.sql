-- Up Migration

-- Tokens: whom this installation lets in.
create table tokens (
  -- UUIDv7, so that their order is that of their making.
  token_id uuid primary key,
  description text not null,
  role text not null check (role in ('reader', 'writer', 'admin')),
  -- Null: all.
  namespaces text[],
  -- Not null: it sees and changes the memories of this user alone.
  user_id text,
  -- Requests a second by class, where they differ from the settings.
  rates jsonb not null default '{}',
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  rotated_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);
create table token_secrets (
  -- SHA-256. The secret itself is nowhere.
  digest bytea primary key check (octet_length(digest) = 32),
  token_id uuid not null references tokens on delete cascade,
  created_at timestamptz not null default now(),
  -- Of one that another has replaced: when its overlap is over.
  expires_at timestamptz
);
create index token_secrets_by_token on token_secrets (token_id);
-- Another value after each change, also one made by hand: who holds a copy asks for it and reads the tokens when it differs.
-- Random, because a store that is put back would come to a number that was there before.
create table token_state (
  only_row boolean primary key default true check (only_row),
  state uuid not null default gen_random_uuid()
);
insert into token_state default values;
create function tokens_changed() returns trigger language plpgsql as $$
begin
  update token_state set state = gen_random_uuid();
  return null;
end $$;
create trigger tokens_changed after insert or update or delete or truncate on tokens
  for each statement execute function tokens_changed();
create trigger token_secrets_changed after insert or update or delete or truncate on token_secrets
  for each statement execute function tokens_changed();

-- What operators did.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  request_id uuid not null,
  subject text not null,
  -- The operationId of the route.
  action text not null,
  address text not null,
  -- Null: everywhere.
  namespace text,
  -- Id of what it was done to.
  target text,
  -- Of the answer; null while it is under way, and for ever when the process died over it.
  status integer,
  code text,
  finished_at timestamptz
);
create index audit_by_time on audit (at);
create index audit_by_subject on audit (subject, id);

-- What namespaces may hold, and what they do.
create table namespace_quotas (
  namespace text primary key,
  -- Null: any number.
  memories bigint,
  -- Of payloads and texts, UTF-8.
  bytes bigint,
  changed_at timestamptz not null default now(),
  changed_by text not null
);
-- Kept by partition, whose owner alone writes it, so that partitions do not wait for each other. A memory whose partition
-- has changed is counted where it was and taken off where it is: only the sum says something.
create table namespace_usage (
  namespace text not null,
  partition integer not null,
  memories bigint not null,
  bytes bigint not null,
  primary key (namespace, partition)
  -- Rows are few and change with every batch: there is room for the next version beside each.
) with (fillfactor = 50);
insert into namespace_usage (namespace, partition, memories, bytes)
  select namespace, partition, count(*), sum(octet_length(payload::text) + octet_length(text))
  from memories where not deleted
  group by namespace, partition;

-- A name among the memories of one user is found in one step too.
drop index memories_by_speaker;
create index memories_by_speaker on memories (namespace, speaker, user_id)
  where speaker is not null and not deleted;
