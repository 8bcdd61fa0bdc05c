-- Index generations: a collection with the embedder of its vectors.

-- Collections that rebuilds made before generations knew their embedder: nobody can tell of which they are, so they are
-- dropped, and a collection of the configured embedder is filled from the memories at the next start.
alter table index_generations rename to index_generations_of_models;
create table index_generations (
  collection text primary key,
  -- active: what searches name. building: being filled. kept: active before, for a rollback. retiring: until no search
  -- names it any more. gone: written by nobody, to be dropped.
  state text not null check (state in ('active', 'building', 'kept', 'retiring', 'gone')),
  -- Until then it is written in every batch together with the active one.
  joined_until timestamptz,
  -- How to open the embedder, as settings name it: kind, model, url, dimension. Never a key.
  embedder jsonb not null,
  -- What the vectors are of, as the embedder itself says.
  model text not null,
  dimension integer not null,
  -- The job that builds it.
  job_id uuid,
  -- When it came to its state.
  since timestamptz not null default now(),
  -- Which process brings it up to date, when it is neither active nor being built.
  follower uuid,
  followed_until timestamptz
);
-- Any number may retire or be gone.
create unique index index_generations_one_of_each on index_generations (state)
  where state in ('active', 'building', 'kept');
insert into index_generations (collection, state, embedder, model, dimension)
  select distinct name, 'gone', '{}'::jsonb, '', 0
  from index_generations_of_models, unnest(array[active, building, retiring]) as name
  where name is not null and name <> base;
drop table index_generations_of_models;
