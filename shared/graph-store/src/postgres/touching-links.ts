import { liveCondition, ofUserCondition } from '@soma/memory-store/postgres';
import type { Queryable } from '@soma/postgres';
import type { TouchingLink, TouchingQuery } from '../port.js';

export async function touchingLinks(
  connection: Queryable,
  { namespace, user_id, keys, limit }: TouchingQuery,
): Promise<TouchingLink[]> {
  if (keys.length === 0) return [];
  const { rows } = await connection.query<TouchingLink>({
    ...TOUCHING_LINKS,
    values: [namespace, keys, limit, user_id],
  });
  return rows;
}

/**
 * Strongest first, and each end by its primary key until there are enough, whatever the planner thinks of the
 * statistics of a table that has just grown: hashing all memories instead took 15 ms where nothing was linked.
 */
const TOUCHING_LINKS = {
  name: 'touching_links',
  text: `
  select touching.key, touching."end", touching.weight
  from (
    select * from (
      select from_key as key, to_key as "end", weight from links where namespace = $1 and from_key = any($2::text[])
      union all
      select to_key as key, from_key as "end", weight from links where namespace = $1 and to_key = any($2::text[])
    ) as every
    where key <> "end"
    order by weight desc, key, "end"
    offset 0
  ) as touching
  cross join lateral (
    select 1 from memories
    where namespace = $1 and memories.key = touching."end" and ${liveCondition('memories')}
      and ${ofUserCondition('memories', '$4')}
    offset 0
  ) as live
  order by touching.weight desc, touching.key, touching."end"
  limit $3`,
};
