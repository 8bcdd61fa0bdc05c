-- Up Migration

-- Lists: a namespace in the order of a time, of one user or agent, and the memories inside a box of numbers.
-- Keys are ordered by their bytes, so that who merges pages orders them likewise.
create index memories_by_creation on memories (namespace, created_at, key collate "C") where not deleted;
create index memories_by_update on memories (namespace, updated_at, key collate "C") where not deleted;
create index memories_by_occurrence on memories (namespace, coalesce(occurred_at, created_at), key collate "C")
  where not deleted;
create index memories_by_user on memories (namespace, user_id, created_at, key collate "C")
  where user_id is not null and not deleted;
create index memories_by_agent on memories (namespace, agent_id, created_at, key collate "C")
  where agent_id is not null and not deleted;

alter table memories
  -- The numbers of a numeric key; null of a name. Keys are canonical, so that a key that looks like numbers and has more
  -- than 15 significant digits somewhere is a name: see parseCoordinate.
  add column point numeric[] generated always as (
    case
      when key ~ '^-?(0|[1-9][0-9]*)(\.[0-9]+)?(,-?(0|[1-9][0-9]*)(\.[0-9]+)?)*$'
        and key !~ '(^|,)-?[0.]*[1-9](\.?[0-9]){15}'
      then string_to_array(key, ',')::numeric[]
    end) stored;
create index memories_by_point on memories (namespace, cardinality(point), point)
  where point is not null and not deleted;
