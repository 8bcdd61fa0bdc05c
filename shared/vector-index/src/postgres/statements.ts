/** Changes are rare and small: one after the other is simplest. Reads go on. */
export const LOCK = `lock table index_generations in share row exclusive mode`;

export const READ = `
  select collection, state, coalesce(joined_until > clock_timestamp(), false) as joined,
    embedder as spec, model, dimension, job_id,
    (extract(epoch from clock_timestamp() - since) * 1000)::float8 as age_ms
  from index_generations`;

export const IS_PRISTINE = `select not exists (select from memories) as pristine`;

/** $1 collection. */
export const DISPLACE = `
  update index_generations set state = 'retiring', joined_until = null, since = now()
  where state = 'active' and collection <> $1 and not exists (select from memories)`;

/** $1 collection, $2 embedder, $3 model, $4 dimension. */
export const FOUND = `
  insert into index_generations (collection, state, embedder, model, dimension)
  select $1, 'active', $2, $3, $4 where not exists (select from index_generations where state = 'active')
  on conflict (collection) do update set state = 'active', joined_until = null, since = now(),
    embedder = excluded.embedder, model = excluded.model, dimension = excluded.dimension
  where index_generations.state in ('retiring', 'gone')`;

/** $1 collection, $2 embedder, $3 model, $4 dimension, $5 job. */
export const BUILD = `
  insert into index_generations (collection, state, embedder, model, dimension, job_id)
  select $1, 'building', $2, $3, $4, $5 where not exists (select from index_generations where state = 'building')
  on conflict (collection) do nothing`;

/** $1 collection, $2 job. */
export const IS_BUILDING = `
  select from index_generations where collection = $1 and job_id = $2 and state in ('building', 'active')`;

/** $1 collection, $2 milliseconds. */
export const JOIN = `
  update index_generations set joined_until = clock_timestamp() + $2 * interval '1 millisecond'
  where collection = $1 and state in ('building', 'kept')`;

/** $1 collection. */
export const PART = `
  update index_generations set joined_until = null where collection = $1 and state in ('building', 'kept')`;

/** $1 collection. */
export const SELECT_STATE = `
  select state, coalesce(joined_until > clock_timestamp(), false) as joined
  from index_generations where collection = $1`;

/** $1 collection: for a moment inside the transaction, so that the one before can be what it was. */
export const STEP_ASIDE = `update index_generations set state = 'retiring' where collection = $1`;

/** $1 what the active one becomes, $2 for how many milliseconds it is still written. */
export const SUCCEED = `
  update index_generations set state = $1, since = now(),
    joined_until = clock_timestamp() + $2 * interval '1 millisecond'
  where state = 'active'`;

/** $1 collection. */
export const TAKE_OVER = `
  update index_generations set state = 'active', joined_until = null, since = now() where collection = $1`;

/** $1 collection: is another one kept? */
export const HAS_KEPT = `select from index_generations where state = 'kept' and collection <> $1`;

/** $1 collection. */
export const RETIRE = `update index_generations set state = 'retiring' where collection = $1 and state = 'kept'`;

/** $1 collection. */
export const LEAVE = `
  update index_generations set state = 'gone', joined_until = null, since = now()
  where collection = $1 and state in ('building', 'retiring')`;

/** $1 collection. */
export const FORGET = `delete from index_generations where collection = $1 and state = 'gone'`;

/** $1 collection, $2 URL. */
export const LOCATE = `
  update index_generations set embedder = jsonb_set(embedder, '{url}', to_jsonb($2::text))
  where collection = $1`;

/** $1 collection, $2 process, $3 milliseconds. */
export const FOLLOW = `
  update index_generations set follower = $2, followed_until = now() + $3 * interval '1 millisecond'
  where collection = $1 and (follower = $2 or followed_until is null or followed_until < now())`;
