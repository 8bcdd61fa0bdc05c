import type { CodecValue } from '@soma/events';
import type { Embedder } from '@soma/embedder';
import type { Ledger, ProgressMove } from '@soma/ledger';
import { revisionOf } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { VectorIndex } from '@soma/vector-index';
import { APPLY, newestStates, SKIP, type Assignment, type Handler } from '@soma/worker';
import { indexPoints } from './index-points.js';
import type { Logger } from '@soma/service';

export interface MemoryEventsDeps {
  index: VectorIndex;
  /** The collection that searches name. */
  collection: string;
  embedder: Embedder;
  ledger: Ledger;
  memories: MemoryStore;
  logger: Logger;
}

/** Memories read at once when a partition of the index is filled from Postgres. */
const PAGE = 200;

/** What the indexer does with memory.events: the newest state of each memory goes into the index, then progress. */
export function handleMemoryEvents(deps: MemoryEventsDeps): Handler<CodecValue> {
  return {
    triage: ({ value }) => (value.type === 'MemoryStored' || value.type === 'MemoryDeleted' ? APPLY : SKIP),
    apply: async ({ records, partition, move, signal }) => {
      await upsert(newestStates(records), partition, signal, deps);
      await moveProgress(move, deps);
    },
    assigned: (assignment) => fillFromStore(assignment, deps),
  };
}

async function upsert(
  states: Parameters<typeof indexPoints>[0],
  partition: number,
  signal: AbortSignal,
  { index, collection, embedder, ledger, logger }: MemoryEventsDeps,
): Promise<void> {
  if (states.length === 0) return;
  const { points, refused } = await indexPoints(states, partition, embedder, signal);
  await index.upsert(collection, points);
  if (refused.length === 0) return;
  logger.warn(
    { partition, count: refused.length },
    'texts refused by the embedder are indexed by their words only',
  );
  await ledger.noteIndexErrors(
    refused.map(({ memory: { namespace, key, revision }, reason }) => ({ namespace, key, revision, reason })),
  );
}

/** In the index first: of the two, the lower one counts. */
async function moveProgress(
  move: ProgressMove,
  { index, collection, ledger }: MemoryEventsDeps,
): Promise<void> {
  if (move.command_position !== null) {
    const progress = { generation: move.generation, command_position: move.command_position };
    await index.setProgress(collection, move.partition, progress);
  }
  await ledger.advance(move);
}

/**
 * A collection that is behind the ledger was wiped, restored or made anew: what it lacks is read from Postgres, which
 * is the truth, before events are followed again.
 */
async function fillFromStore({ partition, claim }: Assignment, deps: MemoryEventsDeps): Promise<void> {
  const { index, collection, memories, logger } = deps;
  if (claim.command_position < 0) return;
  const held = (await index.progress(collection, [partition])).get(partition);
  const heldRevision =
    held === undefined || held.command_position < 0 ? -1 : revisionOf(held.generation, held.command_position);
  const wanted = revisionOf(claim.generation, claim.command_position);
  if (heldRevision >= wanted) return;
  logger.warn({ partition, collection }, 'the index is behind its progress; filling it from Postgres');
  for (let after = heldRevision; ;) {
    const states = await memories.changedSince({ partition, after, limit: PAGE });
    const last = states.at(-1);
    if (last === undefined) break;
    await upsert(states, partition, new AbortController().signal, deps);
    after = last.revision;
  }
  await index.setProgress(collection, partition, {
    generation: claim.generation,
    command_position: claim.command_position,
  });
}
