import { liveMemories } from '@soma/memory-store/postgres';
import type { Link } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { Subgraph } from '../port.js';

/** Nodes in the order of `depths`, each with its memory. In one snapshot all of them are there. */
export async function subgraphOf(
  tx: Queryable,
  namespace: string,
  depths: ReadonlyMap<string, number>,
  links: Link[],
): Promise<Subgraph> {
  const memories = await liveMemories(tx, namespace, [...depths.keys()]);
  const nodes = [...depths].flatMap(([key, depth]) => {
    const memory = memories.get(key);
    return memory === undefined ? [] : [{ memory, depth }];
  });
  return { nodes, links };
}
