import { matches, type Memory } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
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
): Promise<Memory[][]> {
  const near = await memories.recall.around(
    { namespace, user_id },
    hits.map(({ key }) => key),
    span,
  );
  const taken = new Set(hits.map(({ key }) => key));
  const chosen = hits.map((hit) =>
    near
      .filter(({ of, key }) => of === hit.key && !taken.has(key) && taken.add(key))
      .sort((a, b) => a.distance - b.distance)
      .map(({ key }) => key),
  );
  const keys = chosen.flat();
  const found = await memories.get(namespace, keys);
  const known = new Map(keys.map((key, at) => [key, found[at]]));
  return chosen.map((around) =>
    around.flatMap((key) => {
      const memory = known.get(key);
      return memory !== undefined && matches(scope, memory) ? [memory] : [];
    }),
  );
}
