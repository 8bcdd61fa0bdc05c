import { liveCondition, liveMemories, ofUserCondition } from '@soma/memory-store/postgres';
import type { Link } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { PathQuery, Subgraph } from '../port.js';
import { cutTo } from './cut.js';
import { linkColumns } from './link-row.js';
import { subgraphOf } from './subgraph.js';

/**
 * The way to a node, as a list back to the start. It never changes once it is made: a cheaper way with more links,
 * found later, must not lengthen the ways that were built on this one.
 */
interface Way {
  key: string;
  cost: number;
  links: number;
  last: { link: Link; from: Way } | undefined;
}

/** Nodes of one layer that are followed further; beyond them the dearest are let go, and the answer may miss a way. */
const MAX_FRONTIER = 10_000;

/**
 * Bellman-Ford by layers (Cormen et al., Introduction to Algorithms, 22.1): after layer n the cheapest way of at most
 * n links to every node reached is known, so the bound on links holds exactly, and cycles never pay as every link
 * costs something. One query a layer, one for the memories. `tx` is one snapshot. `onCut` hears of each
 * layer with more nodes than are followed.
 */
export async function cheapestPath(
  tx: Queryable,
  query: PathQuery,
  onCut: () => void,
): Promise<(Subgraph & { cost: number }) | undefined> {
  const ends = await liveMemories(tx, query.namespace, [query.from_key, query.to_key], query.user_id);
  if (!ends.has(query.from_key) || !ends.has(query.to_key)) return undefined;
  const start: Way = { key: query.from_key, cost: 0, links: 0, last: undefined };
  const best = new Map<string, Way>([[start.key, start]]);
  let frontier = [start];
  for (let layer = 1; layer <= query.max_depth && frontier.length > 0; layer += 1) {
    const bound = best.get(query.to_key)?.cost ?? Infinity;
    const steps = cutTo(MAX_FRONTIER, await followFrontier(tx, query, frontier, bound), onCut);
    frontier = improvedWays(steps, frontier, best);
  }
  const found = best.get(query.to_key);
  return found === undefined
    ? undefined
    : { ...(await pathOf(tx, query.namespace, found)), cost: found.cost };
}

type Step = Link & { cost: number };

function improvedWays(steps: Step[], frontier: Way[], best: Map<string, Way>): Way[] {
  const from = new Map(frontier.map((way) => [way.key, way]));
  const improved: Way[] = [];
  for (const { cost, ...link } of steps) {
    const way = from.get(link.from_key);
    const known = best.get(link.to_key);
    if (way === undefined || (known !== undefined && known.cost <= cost)) continue;
    const better: Way = { key: link.to_key, cost, links: way.links + 1, last: { link, from: way } };
    best.set(better.key, better);
    improved.push(better);
  }
  return improved;
}

async function followFrontier(
  tx: Queryable,
  query: PathQuery,
  frontier: Way[],
  bound: number,
): Promise<Step[]> {
  const { rows } = await tx.query<Step>(FOLLOW_FRONTIER, [
    query.namespace,
    frontier.map((way) => way.key),
    frontier.map((way) => way.cost),
    query.link_type,
    bound,
    query.user_id,
    MAX_FRONTIER + 1,
  ]);
  return rows;
}

/** The cheapest step to each live node, less what cannot beat the way to the target that is known. */
const FOLLOW_FRONTIER = `
  with step as (
    select distinct on (links.to_key) ${linkColumns('links')}, frontier.cost + 1 / links.weight as cost
    from unnest($2::text[], $3::float8[]) as frontier (key, cost)
    join links on links.namespace = $1 and links.from_key = frontier.key
    where ($4::text is null or links.link_type = $4)
    order by links.to_key, frontier.cost + 1 / links.weight, links.from_key, links.link_type
  )
  select step.* from step join memories on memories.namespace = $1 and memories.key = step.to_key
  where step.cost < $5::float8 and ${liveCondition('memories')} and ${ofUserCondition('memories', '$6')}
  order by step.cost, step.to_key
  limit $7`;

async function pathOf(tx: Queryable, namespace: string, end: Way): Promise<Subgraph> {
  const depths: [string, number][] = [];
  const links: Link[] = [];
  for (let way: Way | undefined = end; way !== undefined; way = way.last?.from) {
    depths.unshift([way.key, way.links]);
    if (way.last !== undefined) links.unshift(way.last.link);
  }
  return subgraphOf(tx, namespace, new Map(depths), links);
}
