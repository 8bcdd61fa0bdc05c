import {
  memoryProjection,
  type MemoryDifference,
  type MemoryHolder,
  type Projection,
  type VerifyRequest,
} from '@soma/projections';
import type { VectorIndex } from '@soma/vector-index';
import type { OpenGeneration } from '@soma/index-generations';
import type { MemoryStore } from '@soma/memory-store';
import { indexStates } from './index-states.js';

export interface IndexProjectionDeps {
  index: VectorIndex;
  memories: MemoryStore;
}

/** Memories written again at once: their texts are embedded together. */
const MENDED_AT_ONCE = 200;

/** One generation of the index, compared with the memories and mended from them. */
export function indexProjection(
  generation: OpenGeneration,
  request: Pick<VerifyRequest, 'sample' | 'namespace'>,
  signal: AbortSignal,
  deps: IndexProjectionDeps,
): Projection<MemoryDifference> {
  const { index, memories } = deps;
  const { collection } = generation;
  const holder: MemoryHolder = {
    group: 'indexer',
    absenceIsFine: false,
    held: (namespace, keys) => index.revisions(collection, namespace, keys),
    scan: async (page) => {
      const { points, next } = await index.scan(collection, page);
      return { entries: points, next };
    },
    mend: async (differences) => {
      await removeWrong(differences, collection, deps);
      for (const { namespace, partition, keys } of placesOf(differences)) {
        const { states } = await memories.states(namespace, keys);
        const known = states.filter((state) => state !== undefined);
        await indexStates(known, { generations: [generation], partition, signal }, deps);
      }
    },
  };
  return memoryProjection(memories.heads, holder, request);
}

/** What no newer revision will replace: the points of what there is no memory for, or whose state is older. */
async function removeWrong(
  differences: readonly MemoryDifference[],
  collection: string,
  { index }: IndexProjectionDeps,
): Promise<void> {
  const wrong = differences.flatMap(({ namespace, key, expected_revision, found_revision: revision }) =>
    revision !== null && (expected_revision === null || revision >= expected_revision)
      ? [{ namespace, key, revision }]
      : [],
  );
  await index.remove(collection, wrong);
}

interface Place {
  namespace: string;
  partition: number;
  keys: string[];
}

/** The memories that there are, by namespace and partition, at most so many of one at once. */
function placesOf(differences: readonly MemoryDifference[]): Place[] {
  const places: Place[] = [];
  const open = new Map<string, Place>();
  for (const { namespace, key, partition, expected_revision } of differences) {
    if (expected_revision === null || partition === null) continue;
    const id = `${namespace} ${partition}`;
    let place = open.get(id);
    if (place === undefined || place.keys.length === MENDED_AT_ONCE) {
      place = { namespace, partition, keys: [] };
      places.push(place);
      open.set(id, place);
    }
    place.keys.push(key);
  }
  return places;
}
