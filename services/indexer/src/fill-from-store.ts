import { revisionOf } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { PartitionProgress } from '@soma/vector-index';
import { indexStates, type IndexingDeps } from './index-states.js';

export interface Filling {
  collection: string;
  partition: number;
  /** The states with revisions above, up to and with `upTo`. */
  after: number;
  upTo: number;
  signal?: AbortSignal;
  /** Called after each page with the last revision of it, and how many states it had. */
  onPage?: (revision: number, states: number) => Promise<void>;
}

/** Memories read and embedded at once. */
const PAGE = 200;

/** Writes current states of a partition from Postgres into a collection; returns how many. */
export async function fillFromStore(
  { collection, partition, after, upTo, signal = new AbortController().signal, onPage }: Filling,
  deps: IndexingDeps & { memories: Pick<MemoryStore, 'changedSince'> },
): Promise<number> {
  let filled = 0;
  for (let from = after; ;) {
    const states = await deps.memories.changedSince({ partition, after: from, upTo, limit: PAGE });
    const last = states.at(-1);
    if (last === undefined) return filled;
    await indexStates(states, { collections: [collection], partition, signal }, deps);
    filled += states.length;
    from = last.revision;
    await onPage?.(from, states.length);
  }
}

/** Up to which revision a collection holds everything: without a position, all of former generations. */
export function revisionReached(progress: PartitionProgress | undefined): number {
  if (progress === undefined) return -1;
  const { generation, command_position } = progress;
  return command_position < 0 ? revisionOf(generation, 0) - 1 : revisionOf(generation, command_position);
}
