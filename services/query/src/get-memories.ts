import type { Cache } from '@soma/cache';
import { isLive, type Memory, type MemoryState } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import { answerBytes, type ReadOptions } from '@soma/reads';
import type { Breaker } from './breaker.js';
import type { Logger } from '@soma/service';
import type { StoreClock } from './store-clock.js';

export interface GetDeps {
  memories: MemoryStore;
  cache: Cache;
  cacheBreaker: Breaker;
  clock: StoreClock;
  logger: Logger;
}

/** Memories read at one time: what is read before it is counted is 12.5 MiB at most, by the standard limit. */
const PAGE = 50;

/**
 * In pages, each of which must find room. With a token the cache may lack what the caller has seen: Postgres is read.
 */
export async function getMemories(
  namespace: string,
  keys: string[],
  { after, hold }: ReadOptions,
  deps: GetDeps,
): Promise<(Memory | null)[]> {
  const memories: (Memory | null)[] = [];
  for (let from = 0; from < keys.length; from += PAGE) {
    const page = await getPage(namespace, keys.slice(from, from + PAGE), after !== null, deps);
    hold?.(answerBytes(page));
    memories.push(...page);
  }
  return memories;
}

/** Cache, then Postgres, then a fill under the lease that the miss gave. The cache out means slower, never wrong. */
async function getPage(
  namespace: string,
  keys: string[],
  fresh: boolean,
  deps: GetDeps,
): Promise<(Memory | null)[]> {
  const found = new Map<string, MemoryState>();
  const leases = new Map<string, string>();
  if (!fresh) await readCache(namespace, keys, found, leases, deps);
  const missing = [...new Set(keys)].filter((key) => !found.has(key));
  if (missing.length > 0) {
    const read = await deps.memories.states(namespace, missing);
    deps.clock.set(read.now);
    missing.forEach((key, position) => {
      const state = read.states[position];
      if (state === undefined) return;
      found.set(key, state);
      const lease = leases.get(key);
      if (lease !== undefined) fillCache(namespace, key, lease, state, deps);
    });
  }
  const now = deps.clock.now();
  return keys.map((key) => {
    const state = found.get(key);
    return isLive(state, now) ? state : null;
  });
}

async function readCache(
  namespace: string,
  keys: string[],
  found: Map<string, MemoryState>,
  leases: Map<string, string>,
  { cache, cacheBreaker, logger }: GetDeps,
): Promise<void> {
  try {
    const entries = await cacheBreaker.run(() => cache.read(namespace, keys));
    keys.forEach((key, position) => {
      const entry = entries[position];
      if (entry?.hit === true) found.set(key, entry.state);
      else if (entry !== undefined && entry.lease !== null) leases.set(key, entry.lease);
    });
  } catch (error) {
    logger.debug({ err: error }, 'read without the cache');
  }
}

/** Not waited for: the answer does not depend on it, and a failure leaves the cache as it was. */
function fillCache(
  namespace: string,
  key: string,
  lease: string,
  state: MemoryState,
  { cache, cacheBreaker, logger }: GetDeps,
): void {
  cacheBreaker
    .run(() => cache.fill(namespace, key, lease, state))
    .catch((error: unknown) => {
      logger.debug({ err: error }, 'cache was not filled');
    });
}
