import { memoryRule, type Cache, type Limiter } from '@soma/cache';
import { recordKey, type CodecValue } from '@soma/events';
import type { Ledger } from '@soma/ledger';
import { APPLY, newestStates, SKIP, type Handler } from '@soma/worker';

export interface MemoryEventsDeps {
  cache: Cache;
  limiter: Limiter;
  ledger: Ledger;
}

/** Buckets are found by the rule's name; its quota is the gateway's affair. */
const ANY_MEMORY_RULE = memoryRule(0);

/** Writes every new state, or tombstone, whether or not an entry exists: a reader that began earlier cannot put an older one back. */
export function handleMemoryEvents({ cache, limiter, ledger }: MemoryEventsDeps): Handler<CodecValue> {
  return {
    triage: ({ value }) => (value.type === 'MemoryStored' || value.type === 'MemoryDeleted' ? APPLY : SKIP),
    apply: async ({ records, move }) => {
      const states = newestStates(records);
      if (states.length > 0) await cache.put(states);
      const deleted = states
        .filter((state) => state.deleted)
        .map(({ namespace, key }) => recordKey(namespace, key));
      if (deleted.length > 0) await limiter.clear(ANY_MEMORY_RULE, deleted);
      await ledger.advance(move);
    },
  };
}
