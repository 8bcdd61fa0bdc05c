import { liveCondition, liveMemories, ofUserCondition } from '@soma/memory-store/postgres';
import type { Link, LinkDirection } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { NeighborsQuery, Subgraph } from '../port.js';
import { cutTo } from './cut.js';
import { linkColumns, linkIdText } from './link-row.js';
import { subgraphOf } from './subgraph.js';

/**
 * Breadth first, one query a level, then one for the memories. A level takes the nodes not seen yet that its
 * heaviest links lead to. The links are those that were followed: from a node nearer than `depth` to one in the answer.
 * `tx` is one snapshot, so that the levels agree. `onCut` hears of each level that had more links than are followed.
 */
export async function neighbors(tx: Queryable, query: NeighborsQuery, onCut: () => void): Promise<Subgraph> {
  const start = await liveMemories(tx, query.namespace, [query.key], query.user_id);
  if (start.size === 0) return { nodes: [], links: [] };
  const depths = new Map([[query.key, 0]]);
  const links = new Map<string, Link>();
  let frontier = [query.key];
  for (let depth = 1; depth <= query.depth && frontier.length > 0; depth += 1) {
    const found = await followLinks(tx, query, frontier, [...depths.keys()]);
    const followed = cutTo(LINKS_PER_LEVEL, found, onCut);
    const next: string[] = [];
    for (const { end, ...link } of followed) {
      links.set(linkIdText(link), link);
      if (depths.has(end)) continue;
      depths.set(end, depth);
      next.push(end);
    }
    frontier = next;
  }
  return subgraphOf(tx, query.namespace, depths, [...links.values()]);
}

/** Parallel links and links back to what was seen before come along, up to this many a level. */
const LINKS_PER_LEVEL = 5000;

async function followLinks(
  tx: Queryable,
  { namespace, user_id, link_type, direction, limit }: NeighborsQuery,
  frontier: string[],
  seen: string[],
): Promise<(Link & { end: string })[]> {
  // The start is seen and not counted.
  const room = limit - (seen.length - 1);
  const { rows } = await tx.query<Link & { end: string }>(FOLLOW_LINKS[direction], [
    namespace,
    frontier,
    seen,
    link_type,
    room,
    user_id,
    LINKS_PER_LEVEL + 1,
  ]);
  return rows;
}

const OUTGOING = `
  select ${linkColumns('links')}, to_key as "end" from links
  where namespace = $1 and from_key = any($2::text[]) and ($4::text is null or link_type = $4)`;
const INCOMING = `
  select ${linkColumns('links')}, from_key as "end" from links
  where namespace = $1 and to_key = any($2::text[]) and ($4::text is null or link_type = $4)`;

/** First the links to the nodes that are new, heaviest first: they decide in which order those are taken. */
const followStatement = (followed: string): string => `
  with followed as materialized (${followed}),
  fresh as (
    select followed."end" as key, max(weight) as weight
    from followed join memories on memories.namespace = $1 and memories.key = followed."end"
    where followed."end" <> all($3::text[]) and ${liveCondition('memories')} and ${ofUserCondition('memories', '$6')}
    group by 1
    order by 2 desc, 1
    limit $5
  )
  select followed.* from followed left join fresh on fresh.key = followed."end"
  where fresh.key is not null or followed."end" = any($3::text[])
  order by fresh.weight desc nulls last, followed."end", followed.weight desc, from_key, to_key, link_type
  limit $7`;

const FOLLOW_LINKS: Record<LinkDirection, string> = {
  out: followStatement(OUTGOING),
  in: followStatement(INCOMING),
  both: followStatement(`${OUTGOING} union all ${INCOMING}`),
};
