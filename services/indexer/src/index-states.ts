import type { Embedder } from '@soma/embedder';
import type { OpenGeneration } from '@soma/index-generations';
import type { Ledger } from '@soma/ledger';
import type { MemoryState } from '@soma/memory';
import type { Logger } from '@soma/service';
import type { VectorIndex } from '@soma/vector-index';
import { deletedPoint, indexPoints, type RefusedText } from './index-points.js';

export interface IndexingPlace {
  /** Each gets all of them. */
  generations: readonly [OpenGeneration, ...OpenGeneration[]];
  partition: number;
  signal: AbortSignal;
}

/**
 * Writes the states into the collections, where they hold older ones; each embedder gets the texts once.
 * @returns what the embedder of the first generation refuses
 */
export async function indexStates(
  states: MemoryState[],
  { generations, partition, signal }: IndexingPlace,
  { index }: { index: Pick<VectorIndex, 'upsert'> },
): Promise<RefusedText[]> {
  if (states.length === 0) return [];
  const refusedBy = new Map<Embedder, RefusedText[]>();
  for (const [embedder, collections] of byEmbedder(generations)) {
    const { points, refused } = await indexPoints(states, partition, embedder, signal);
    for (const collection of collections) await index.upsert(collection, points);
    refusedBy.set(embedder, refused);
  }
  return refusedBy.get(generations[0].embedder) ?? [];
}

/** The deletions among the states: points without vectors. */
export async function indexDeletions(
  states: MemoryState[],
  { collections, partition }: { collections: readonly string[]; partition: number },
  { index }: { index: Pick<VectorIndex, 'upsert'> },
): Promise<void> {
  const points = states.filter((state) => state.deleted).map((state) => deletedPoint(state, partition));
  if (points.length === 0) return;
  for (const collection of collections) await index.upsert(collection, points);
}

function byEmbedder(generations: readonly OpenGeneration[]): Map<Embedder, string[]> {
  const collections = new Map<Embedder, string[]>();
  for (const { embedder, collection } of generations)
    collections.set(embedder, [...(collections.get(embedder) ?? []), collection]);
  return collections;
}

/** Says of operations that searches find their memory by its words only. */
export async function noteRefused(
  refused: readonly RefusedText[],
  { ledger, logger }: { ledger: Pick<Ledger, 'noteIndexErrors'>; logger: Logger },
): Promise<void> {
  if (refused.length === 0) return;
  logger.warn({ count: refused.length }, 'texts refused by the embedder are indexed by their words only');
  await ledger.noteIndexErrors(
    refused.map(({ memory: { namespace, key, revision }, reason }) => ({ namespace, key, revision, reason })),
  );
}
