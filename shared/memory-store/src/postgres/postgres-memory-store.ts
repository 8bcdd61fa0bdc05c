import type pg from 'pg';
import { analyzeGrowth, inTransaction, untilAborted, withStoreErrors } from '@soma/postgres';
import type { MemoryStore } from '../port.js';
import { applyCommands } from './apply-commands.js';
import { createChanges } from './changes.js';
import { createHeads } from './heads.js';
import { createHistory } from './history.js';
import { keywordSearch } from './keyword-search.js';
import { createListing } from './listing.js';
import { createRecallReads } from './recall-reads.js';
import { changedSince, currentStates, lastRevision, liveMemories } from './read-states.js';
import { sampled } from './sampled.js';
import { countMemories } from './totals.js';

/** The truth about memories, over the pool it is given; the pool stays the caller's to end. */
export function createPostgresMemoryStore({ pool }: { pool: pg.Pool }): MemoryStore {
  const hasWritten = analyzeGrowth(pool, 'memories');
  return {
    apply: async (batch) => {
      const applied = await inTransaction(pool, (tx) => applyCommands(tx, batch));
      hasWritten(applied.length);
      return applied;
    },
    changedSince: (query) => withStoreErrors(() => changedSince(pool, query)),
    lastRevision: (partition) => withStoreErrors(() => lastRevision(pool, partition)),
    get: async (namespace, keys, signal) => {
      const memories = await withStoreErrors(() => liveMemories(untilAborted(pool, signal), namespace, keys));
      return keys.map((key) => memories.get(key));
    },
    states: async (namespace, keys) => {
      const { states, now } = await withStoreErrors(() => currentStates(pool, namespace, keys));
      return { states: keys.map((key) => states.get(key)), now };
    },
    keywordSearch: (query, signal) => withStoreErrors(() => keywordSearch(untilAborted(pool, signal), query)),
    totals: sampled(() => withStoreErrors(() => countMemories(pool))),
    heads: createHeads(pool),
    recall: createRecallReads(pool),
    changes: createChanges(pool),
    listing: createListing(pool),
    history: createHistory(pool),
    ping: () =>
      withStoreErrors(async () => {
        await pool.query('select 1');
      }),
  };
}
