import type { OpenGeneration } from '@soma/index-generations';
import { revisionOf, type MemoryState } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { PartitionProgress, VectorIndex } from '@soma/vector-index';
import type { RefusedText } from './index-points.js';
import { indexStates } from './index-states.js';

export interface Filling {
  generation: OpenGeneration;
  partition: number;
  /** The states with revisions above, up to and with `upTo`. */
  after: number;
  upTo: number;
  signal?: AbortSignal;
  /** Memories read and embedded at once. */
  page?: number;
  /** Called after each page. */
  onPage?: (page: FilledPage) => Promise<void>;
}

export interface FilledPage {
  /** The last one of it. */
  revision: number;
  states: number;
  /** Of these, how many the collection lacked. */
  written: number;
  refused: RefusedText[];
}

/** Memories read and embedded at once. */
export const FILL_PAGE = 200;

export interface FillingDeps {
  index: VectorIndex;
  memories: Pick<MemoryStore, 'changedSince'>;
}

/**
 * Writes current states of a partition from Postgres into a collection; returns how many it lacked. What it holds
 * already is not embedded again.
 */
export async function fillFromStore(
  { generation, partition, after, upTo, signal, page = FILL_PAGE, onPage }: Filling,
  deps: FillingDeps,
): Promise<number> {
  let filled = 0;
  const place = {
    generations: [generation] as const,
    partition,
    signal: signal ?? new AbortController().signal,
  };
  for (let from = after; ;) {
    const states = await deps.memories.changedSince({ partition, after: from, upTo, limit: page });
    const last = states.at(-1);
    if (last === undefined) return filled;
    const lacking = await lackingOf(states, generation.collection, deps.index);
    const refused = await indexStates(lacking, place, deps);
    filled += lacking.length;
    from = last.revision;
    await onPage?.({ revision: from, states: states.length, written: lacking.length, refused });
  }
}

async function lackingOf(
  states: readonly MemoryState[],
  collection: string,
  index: Pick<VectorIndex, 'revisions'>,
): Promise<MemoryState[]> {
  const lacking: MemoryState[] = [];
  for (const [namespace, some] of byNamespace(states)) {
    const held = await index.revisions(
      collection,
      namespace,
      some.map(({ key }) => key),
    );
    lacking.push(...some.filter(({ revision }, at) => (held[at]?.revision ?? -1) < revision));
  }
  return lacking;
}

function byNamespace(states: readonly MemoryState[]): Map<string, MemoryState[]> {
  const groups = new Map<string, MemoryState[]>();
  for (const state of states) groups.set(state.namespace, [...(groups.get(state.namespace) ?? []), state]);
  return groups;
}

/** Up to which revision a collection holds everything: without a position, all of former generations. */
export function revisionReached(progress: PartitionProgress | undefined): number {
  if (progress === undefined) return -1;
  const { generation, command_position } = progress;
  return command_position < 0 ? revisionOf(generation, 0) - 1 : revisionOf(generation, command_position);
}
