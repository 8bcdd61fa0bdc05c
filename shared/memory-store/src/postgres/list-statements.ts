import type { ListOrder, ListPosition } from '@soma/memory';
import { timestamp } from '@soma/postgres';
import type { ListQuery, RangeQuery } from '../listing.js';
import { compileFilter, nameIn, type Name } from './compile-filter.js';
import { liveCondition } from './memory-row.js';
import { scopeConditions } from './scope-conditions.js';

/** Where a memory stands; those of one place stand by their keys. */
export type Place = Pick<ListPosition, 'key' | 'place'>;

export interface ScannedMemory extends Place {
  /** It belongs to the list. */
  passes: boolean;
}

/** Where a row of memories stands; null: by its key alone. */
const PLACES: Record<ListOrder, string | null> = {
  created_at: 'memories.created_at',
  updated_at: 'memories.updated_at',
  occurred_at: 'coalesce(memories.occurred_at, memories.created_at)',
  coord: null,
};

/** The same of a former state of it, epoch milliseconds; of the orders in which a memory may change its place. */
const FORMER_PLACES: Partial<Record<ListOrder, string>> = {
  updated_at: `(state ->> 'updated_at')::bigint`,
  occurred_at: `coalesce(state ->> 'occurred_at', state ->> 'created_at')::bigint`,
};

export function moves(order: ListOrder): boolean {
  return order in FORMER_PLACES;
}

const BEYOND = { asc: '>', desc: '<' } as const;

/** The next `size` memories of an order, step by step along its index. Rows are of ScannedMemory. */
export function scanStatement(query: ListQuery, after: Place | null, cut: readonly number[], size: number) {
  const { namespace, filter, order, direction } = query;
  const values: unknown[] = [namespace, cut];
  const name = nameIn(values);
  const place = PLACES[order];
  const [row, sorted] =
    place === null
      ? ['memories.key', `memories.key ${direction}`]
      : [
          `(${place}, memories.key collate "C")`,
          `${place} ${direction}, memories.key collate "C" ${direction}`,
        ];
  const within = ['memories.namespace = $1', 'not memories.deleted', ...scopeConditions(filter, name)];
  const passes = [liveCondition('memories'), moves(order) ? UNCHANGED : STOOD_THERE];
  // A bound of the order is a step into its index; any other would be looked for without end.
  (place === null ? passes : within).push(...bounds(query, name));
  passes.push(compileFilter(filter, values));
  if (after !== null) within.push(`${row} ${BEYOND[direction]} ${placeIn(after, name)}`);
  const text = `
    select memories.key, ${place ?? 'null'} as place, ${all(passes)} as passes
    from memories
    where ${all(within)}
    order by ${sorted}
    limit ${name(size, 'int')}`;
  return { text, values };
}

/**
 * Memories that changed since the cut and stood beyond `after` in it: their places are in the history. One row; `lost`:
 * the history of one that was there is gone.
 */
export function movedStatement(query: ListQuery, after: Place, cut: readonly number[], mostChanged: number) {
  const { namespace, filter, order, direction, since, until } = query;
  const values: unknown[] = [namespace, cut];
  const name = nameIn(values);
  const most = name(mostChanged, 'int');
  const now = [liveCondition('memories'), STOOD_THERE, ...bounds(query, name), compileFilter(filter, values)];
  const then = [
    `(place, moved_key collate "C") ${BEYOND[direction]} (${name(after.place, 'bigint')}, ${name(after.key, 'text')})`,
    ...(since === null ? [] : [`place >= ${name(since, 'bigint')}`]),
    ...(until === null ? [] : [`place < ${name(until, 'bigint')}`]),
  ];
  const text = `
    with changed as materialized (
      select memories.key as changed_key
      from unnest($2::bigint[]) with ordinality as cut (revision, nth)
      join memories on memories.partition = (cut.nth - 1)::int and memories.revision > cut.revision
      where memories.namespace = $1
      limit ${most}
    ), moved as (
      select memories.key as moved_key, ${FORMER_PLACES[order] ?? 'null::bigint'} as place, state is null as lost
      from changed
      join memories on memories.namespace = $1 and memories.key = changed_key
      left join lateral (
        select state from history
        where history.namespace = $1 and history.key = changed_key and history.revision <= ${cutOf('history')}
        order by history.version desc
        limit 1
      ) as former on true
      where ${all(now)}
    )
    select (select count(*) from changed) as changed, coalesce(bool_or(lost), false) as lost, coalesce(
      json_agg(json_build_array(moved_key, place) order by place ${direction}, moved_key collate "C" ${direction})
        filter (where ${all(then)}), '[]') as moved
    from moved`;
  return { text, values };
}

/** The next `size` of a slice that is as thick as the box, along the index of points. Rows are of ScannedMemory. */
export function rangeStatement(query: RangeQuery, after: string | null, size: number) {
  const values: unknown[] = [query.namespace, query.min, query.max];
  const name = nameIn(values);
  const within = [
    'memories.namespace = $1',
    'not memories.deleted',
    `cardinality(memories.point) = ${name(query.min.length, 'int')}`,
    'memories.point between $2::numeric[] and $3::numeric[]',
  ];
  if (after !== null) within.push(`memories.point > ${name(after.split(','), 'numeric[]')}`);
  const inside = query.min.map(
    (_, at) => `memories.point[${at + 1}] between ($2::numeric[])[${at + 1}] and ($3::numeric[])[${at + 1}]`,
  );
  const passes = [liveCondition('memories'), ...inside, compileFilter(query.filter, values)];
  const text = `
    select memories.key, null as place, ${all(passes)} as passes
    from memories
    where ${all(within)}
    order by memories.point
    limit ${name(size, 'int')}`;
  return { text, values };
}

function placeIn({ place, key }: Place, name: Name): string {
  if (place === null) return name(key, 'text');
  return `(${name(timestamp(place), 'timestamptz')}, ${name(key, 'text')})`;
}

/** since and until, of the time that orders. */
function bounds({ order, since, until }: ListQuery, name: Name): string[] {
  const time = PLACES[order] ?? 'memories.created_at';
  return [
    ...(since === null ? [] : [`${time} >= ${name(timestamp(since), 'timestamptz')}`]),
    ...(until === null ? [] : [`${time} < ${name(timestamp(until), 'timestamptz')}`]),
  ];
}

export function all(conditions: readonly string[]): string {
  return `(${conditions.join(' and ')})`;
}

/** The revision that the partition of a row had come to in the cut, which is $2. */
function cutOf(table: 'memories' | 'history'): string {
  return `coalesce(($2::bigint[])[${table}.partition + 1], -1)`;
}

const UNCHANGED = `memories.revision <= ${cutOf('memories')}`;

/** Its life had begun: by the first revision since it was created, 0 when the history no longer has that. */
const STOOD_THERE = `(${UNCHANGED} or coalesce((
  select min(first.revision) from history as first
  where first.namespace = memories.namespace and first.key = memories.key and first.at = memories.created_at
), 0) <= ${cutOf('memories')})`;
