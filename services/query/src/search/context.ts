import { matches, type Memory } from '@soma/memory';
import { NO_MARKS, type MemoryStore } from '@soma/memory-store';
import type { SearchRequest } from '@soma/reads';

/**
 * What was said around each hit: up to `context` memories of its thread each way, in their order, without the hit
 * itself. Adjacent hits share theirs: no memory comes twice in an answer, and the better hit has it.
 */
export async function contextsOf(
  namespace: string,
  hits: readonly Memory[],
  { context: span, scope, user_id }: Pick<SearchRequest, 'context' | 'scope' | 'user_id'>,
  memories: MemoryStore,
  signal: AbortSignal,
): Promise<Memory[][]> {
  const keys = hits.map(({ key }) => key);
  const near = await memories.recall.around({ namespace, user_id }, keys, span, NO_MARKS, signal);
  const taken = new Set(keys);
  const chosen = hits.map((hit) =>
    near
      .filter(({ of, key }) => of === hit.key && !taken.has(key) && taken.add(key))
      .sort((a, b) => a.distance - b.distance)
      .map(({ key }) => key),
  );
  const wanted = chosen.flat();
  const found = await memories.get(namespace, wanted, signal);
  const known = new Map(wanted.map((key, at) => [key, found[at]]));
  return chosen.map((around) =>
    around.flatMap((key) => {
      const memory = known.get(key);
      return memory !== undefined && matches(scope, memory) ? [memory] : [];
    }),
  );
}
