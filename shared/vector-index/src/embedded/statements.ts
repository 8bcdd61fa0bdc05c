/** $1 name, $2 model, $3 dimension. */
export const INSERT_COLLECTION = `
  insert into index_collections (name, model, dimension) values ($1, $2, $3)
  on conflict (name) do nothing`;

export const SELECT_COLLECTION = `
  select model, dimension from index_collections where name = $1`;

export const SELECT_COLLECTION_NAMES = `
  select name from index_collections order by name`;

/**
 * $1 collection, $2 how many points, then a list per column. The counter's row is locked first and until commit.
 * No row comes back when there is no such collection.
 */
export const UPSERT_POINTS = `
  with counter as (
    update index_collections set last_change = last_change + $2::bigint where name = $1
    returning name, last_change - $2::bigint as before
  ), upserted as (
    insert into index_points as stored (collection, namespace, key, partition, revision, change, deleted,
      deleted_at, dense, sparse_indices, sparse_values, fields, facts)
    select counter.name, namespace, key, partition, revision, counter.before + place, deleted,
      deleted_at, dense, sparse_indices, sparse_values, fields::json, facts::json
    from counter, unnest($3::text[], $4::text[], $5::integer[], $6::bigint[], $7::boolean[], $8::timestamptz[],
        $9::bytea[], $10::bytea[], $11::bytea[], $12::text[], $13::text[]) with ordinality
      as points (namespace, key, partition, revision, deleted, deleted_at,
        dense, sparse_indices, sparse_values, fields, facts, place)
    on conflict (collection, namespace, key) do update set
      partition = excluded.partition, revision = excluded.revision, change = excluded.change,
      deleted = excluded.deleted, deleted_at = excluded.deleted_at, dense = excluded.dense,
      sparse_indices = excluded.sparse_indices, sparse_values = excluded.sparse_values, fields = excluded.fields,
      facts = excluded.facts
    where excluded.revision > stored.revision
  )
  select name from counter`;

/**
 * $1 collection, $2 the last change seen, $3 most rows. The collection's head and the next changes, in one snapshot;
 * a single row without a change when there is none.
 */
export const SELECT_CHANGES = `
  select head.incarnation, head.dimension, head.last_change, head.pruned_change,
    point.change, point.namespace, point.key, point.revision, point.deleted,
    point.dense, point.sparse_indices, point.sparse_values, point.fields, point.facts
  from index_collections head
  left join lateral (
    select change, namespace, key, revision, deleted, dense, sparse_indices, sparse_values, fields, facts
    from index_points where collection = head.name and change > $2 order by change limit $3
  ) point on true
  where head.name = $1
  order by point.change`;

/** $1 collection, $2 deleted before. Locks the counter's row before any point, as upserts do. */
export const PRUNE_DELETIONS = `
  with counter as (
    select name from index_collections where name = $1 for update
  ), pruned as (
    delete from index_points using counter
    where collection = counter.name and deleted and deleted_at < $2
    returning change
  ), noted as (
    update index_collections
    set pruned_change = greatest(pruned_change, (select coalesce(max(change), 0) from pruned))
    where name = $1
  )
  select count(*)::integer as pruned from pruned`;

/** $1 collection, $2 partitions. */
export const SELECT_PROGRESS = `
  select partition, generation, command_position from index_progress
  where collection = $1 and partition = any($2::integer[])`;

/** $1 collection, $2 partition, $3 generation, $4 command position. No row when there is no such collection. */
export const UPSERT_PROGRESS = `
  insert into index_progress (collection, partition, generation, command_position)
  select name, $2, $3, $4 from index_collections where name = $1
  on conflict (collection, partition) do update set
    generation = excluded.generation, command_position = excluded.command_position
  returning partition`;

/** $1 collection, $2 partition, $3 generation, $4 command position, $5 and $6 what there may be. No row where it is not. */
export const MOVE_PROGRESS = `
  update index_progress set generation = $3, command_position = $4
  where collection = $1 and partition = $2
    and (generation, command_position) in (select * from unnest($5::integer[], $6::bigint[]))
  returning partition`;

/** $1 collection, $2 namespace, $3 keys. A row without a key when none of them is there, none at all without the collection. */
export const SELECT_REVISIONS = `
  select key, revision, deleted
  from index_collections head
  left join index_points on collection = head.name and namespace = $2 and key = any($3::text[])
  where head.name = $1`;

/** $1 collection, $2 namespace or null, $3 and $4 namespace and key to begin after, $5 most rows. As SELECT_REVISIONS. */
export const SELECT_HELD = `
  select point.*
  from index_collections head
  left join lateral (
    select namespace, key, revision, deleted, partition from index_points
    where collection = head.name and (namespace, key) > ($3, $4) and ($2::text is null or namespace = $2)
    order by namespace, key limit $5
  ) point on true
  where head.name = $1
  order by point.namespace, point.key`;

/** $1 collection, $2 how many points, $3 namespaces, $4 keys, $5 revisions. A change as any other: copies follow it. */
export const KILL_POINTS = `
  with counter as (
    update index_collections set last_change = last_change + $2::bigint where name = $1
    returning name, last_change - $2::bigint as before
  )
  update index_points as point set
    deleted = true, deleted_at = now(), change = counter.before + place,
    dense = null, sparse_indices = null, sparse_values = null, fields = null, facts = null
  from counter, unnest($3::text[], $4::text[], $5::bigint[]) with ordinality
    as gone (namespace, key, revision, place)
  where (point.collection, point.namespace, point.key, point.revision)
    = (counter.name, gone.namespace, gone.key, gone.revision)`;

/** $1 collection, $2 namespaces, $3 keys, $4 revisions. As PRUNE_DELETIONS, of these. */
export const PRUNE_POINTS = `
  with counter as (
    select name from index_collections where name = $1 for update
  ), pruned as (
    delete from index_points as point using counter, unnest($2::text[], $3::text[], $4::bigint[])
      as gone (namespace, key, revision)
    where (point.collection, point.namespace, point.key, point.revision)
      = (counter.name, gone.namespace, gone.key, gone.revision) and point.deleted
    returning change
  )
  update index_collections
  set pruned_change = greatest(pruned_change, (select coalesce(max(change), 0) from pruned))
  where name = $1`;

/** $1 collection, $2 most rows. In pages, so that no statement takes long. */
export const DELETE_POINTS = `
  delete from index_points where ctid = any(array(
    select ctid from index_points where collection = $1 limit $2))`;

/** $1 collection. Two index-only scans: of all points, and of those that are deleted. */
export const COUNT_LIVE = `
  select ((select count(*) from index_points where collection = $1)
    - (select count(*) from index_points where collection = $1 and deleted))::integer as live`;

export const DELETE_COLLECTION = `delete from index_collections where name = $1`;
