import { documentVector } from '@soma/analysis';
import type { Embedder, Embedding } from '@soma/embedder';
import { recallFacts, type Memory, type MemoryState } from '@soma/memory';
import type { IndexPoint } from '@soma/vector-index';

/** A memory whose text the embedder refuses for good; it is found by its words only. */
export interface RefusedText {
  memory: Memory;
  reason: string;
}

interface IndexedStates {
  points: IndexPoint[];
  refused: RefusedText[];
}

/** Points of the vector index for the states of memories; all texts go to the embedder in one call. */
export async function indexPoints(
  states: MemoryState[],
  partition: number,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<IndexedStates> {
  const live = states.filter((state): state is Memory => !state.deleted);
  const embeddings = await embedder.embed(
    live.map(({ text }) => text),
    { purpose: 'document', signal },
  );
  const byState = new Map<MemoryState, Embedding | undefined>(
    live.map((memory, index) => [memory, embeddings[index]]),
  );
  const indexed: IndexedStates = { points: [], refused: [] };
  for (const state of states) {
    if (state.deleted) {
      indexed.points.push(deletedPoint(state, partition));
      continue;
    }
    const embedding = byState.get(state);
    if (embedding !== undefined && 'refused' in embedding)
      indexed.refused.push({ memory: state, reason: embedding.refused });
    indexed.points.push(livePoint(state, partition, embedding));
  }
  return indexed;
}

export function deletedPoint(
  { namespace, key, revision, updated_at }: MemoryState,
  partition: number,
): IndexPoint {
  return { deleted: true, namespace, key, partition, revision, deleted_at: updated_at };
}

function livePoint(memory: Memory, partition: number, embedding: Embedding | undefined): IndexPoint {
  return {
    deleted: false,
    namespace: memory.namespace,
    key: memory.key,
    partition,
    revision: memory.revision,
    dense: embedding !== undefined && 'vector' in embedding ? embedding.vector : null,
    sparse: documentVector(memory.text),
    fields: {
      memory_type: memory.memory_type,
      user_id: memory.user_id,
      agent_id: memory.agent_id,
      thread_id: memory.thread_id,
      actor: memory.actor,
      tags: memory.tags,
      importance: memory.importance,
      occurred_at: memory.occurred_at,
      expires_at: memory.expires_at,
      created_at: memory.created_at,
      updated_at: memory.updated_at,
      version: memory.version,
      coord: memory.coord,
      payload: memory.payload,
    },
    facts: recallFacts(memory),
  };
}
