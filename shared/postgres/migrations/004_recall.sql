-- Up Migration

-- What ranking knows of a memory beside its content: who speaks, and where it stands in its thread.
alter table memories
  -- Lower case; from actor, else from the payload.
  add column speaker text collate "C",
  -- Epoch milliseconds: when it occurred, else when the command that made it was issued.
  add column thread_time bigint,
  -- Numbers of its coord in a form that sorts, for memories of one time; empty where they say nothing.
  add column thread_place text collate "C";
update memories set
  speaker = lower(left(coalesce(actor, payload ->> 'speaker', payload ->> 'actor', payload ->> 'author', payload ->> 'user'), 128)),
  thread_time = (extract(epoch from coalesce(occurred_at, created_at)) * 1000)::bigint,
  thread_place = ''
where not deleted;
create index memories_by_thread on memories (namespace, thread_id, thread_time, thread_place, key)
  where thread_id is not null and not deleted;
create index memories_by_speaker on memories (namespace, speaker) where speaker is not null and not deleted;
