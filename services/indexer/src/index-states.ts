import type { Embedder } from '@soma/embedder';
import type { Ledger } from '@soma/ledger';
import type { MemoryState } from '@soma/memory';
import type { Logger } from '@soma/service';
import type { VectorIndex } from '@soma/vector-index';
import { indexPoints } from './index-points.js';

export interface IndexingDeps {
  index: VectorIndex;
  embedder: Embedder;
  ledger: Pick<Ledger, 'noteIndexErrors'>;
  logger: Logger;
}

export interface IndexingPlace {
  /** Each gets all of them. */
  collections: readonly string[];
  partition: number;
  signal: AbortSignal;
}

/** Writes the states into the collections, where they hold older ones; the texts are embedded once. */
export async function indexStates(
  states: MemoryState[],
  { collections, partition, signal }: IndexingPlace,
  { index, embedder, ledger, logger }: IndexingDeps,
): Promise<void> {
  if (states.length === 0) return;
  const { points, refused } = await indexPoints(states, partition, embedder, signal);
  for (const collection of collections) await index.upsert(collection, points);
  if (refused.length === 0) return;
  logger.warn(
    { partition, count: refused.length },
    'texts refused by the embedder are indexed by their words only',
  );
  await ledger.noteIndexErrors(
    refused.map(({ memory: { namespace, key, revision }, reason }) => ({ namespace, key, revision, reason })),
  );
}
