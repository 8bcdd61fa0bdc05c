import type { Cache } from '@soma/cache';
import type { MemoryStore } from '@soma/memory-store';
import {
  memoryProjection,
  type MemoryDifference,
  type MemoryHolder,
  type Projection,
  type VerifyRequest,
} from '@soma/projections';

/** The cache, compared with the memories. What is wrong is taken out, and filled anew by the next reader under a lease. */
export function cacheProjection(
  { cache, memories }: { cache: Cache; memories: Pick<MemoryStore, 'heads'> },
  request: Pick<VerifyRequest, 'sample' | 'namespace'>,
): Projection<MemoryDifference> {
  const holder: MemoryHolder = {
    group: 'cache-invalidator',
    absenceIsFine: true,
    held: async (namespace, keys) => {
      const revisions = await cache.revisions(namespace, keys);
      return revisions.map((revision) => (revision === undefined ? undefined : { revision, deleted: null }));
    },
    scan: async ({ after, limit, namespace }) => {
      const page = await cache.scan({ after, limit });
      const entries = page.entries.filter((entry) => namespace === null || entry.namespace === namespace);
      return {
        entries: entries.map((entry) => ({ ...entry, deleted: null, partition: null })),
        next: page.next,
      };
    },
    mend: async (differences) => {
      const wrong = differences.flatMap(({ namespace, key, found_revision: revision }) =>
        revision === null ? [] : [{ namespace, key, revision }],
      );
      await cache.remove(wrong);
    },
  };
  return memoryProjection(memories.heads, holder, request);
}
