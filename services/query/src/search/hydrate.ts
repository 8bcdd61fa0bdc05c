import { matches, type Filter, type Memory } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { Deadline } from './deadline.js';
import type { Ranked } from './rank.js';

const PAGE = 100;

export interface Hydrated {
  memory: Memory;
  ranked: Ranked;
}

/**
 * Reads the best candidates from Postgres until `wanted` are found: the index never supplies payloads, and what is
 * deleted, expired or no longer passes the filter falls away. A memory that changed since keeps its score.
 */
export async function hydrate(
  namespace: string,
  ranked: Ranked[],
  filter: Filter,
  wanted: number,
  { memories, deadline }: { memories: MemoryStore; deadline: Deadline },
): Promise<Hydrated[]> {
  const hits: Hydrated[] = [];
  for (let start = 0; start < ranked.length && hits.length < wanted;) {
    const page = ranked.slice(start, start + Math.min(PAGE, wanted - hits.length));
    start += page.length;
    const keys = page.map(({ key }) => key);
    const found = await deadline.within(deadline.left, (signal) => memories.get(namespace, keys, signal));
    page.forEach((candidate, position) => {
      const memory = found[position];
      if (memory !== undefined && matches(filter, memory)) hits.push({ memory, ranked: candidate });
    });
  }
  return hits;
}
