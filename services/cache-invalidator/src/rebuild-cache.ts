import type { Cache } from '@soma/cache';
import type { JobHandler } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import type { JsonValue } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import { asResult, patiently, verify } from '@soma/projections';
import { cacheProjection } from './cache-projection.js';

export interface RebuildCacheDeps {
  cache: Cache;
  ledger: Ledger;
  memories: MemoryStore;
}

type Cursor =
  | { phase: 'emptying'; after: string | null; emptied: number }
  | { phase: 'comparing'; emptied: number; state: JsonValue };

const PAGE = 500;

/** Takes every entry out of the cache, which readers fill again one by one, and compares what is there then. */
export function rebuildCache(deps: RebuildCacheDeps): JobHandler {
  return async ({ job, signal, save: write }) => {
    const projection = cacheProjection(deps, { sample: null, namespace: null });
    const size = await projection.size();
    let cursor = (job.cursor as unknown as Cursor | null) ?? { phase: 'emptying', after: null, emptied: 0 };
    const save = (next: Cursor, done: number): Promise<void> =>
      write({ cursor: next, done, total: Math.max(size, done) });
    while (cursor.phase === 'emptying') {
      const here: Cursor = cursor;
      const { after, emptied } = cursor;
      const beat = () => save(here, emptied);
      const page = await patiently(() => emptyPage(after, deps.cache), { signal, beat });
      const so = emptied + page.emptied;
      cursor =
        page.next === null
          ? { phase: 'comparing', emptied: so, state: null }
          : { phase: 'emptying', after: page.next, emptied: so };
      await save(cursor, so);
    }
    const { emptied } = cursor;
    const verification = await verify({
      projection,
      ledger: deps.ledger,
      repair: false,
      signal,
      from: cursor.state,
      save: (state, looked) => save({ phase: 'comparing', emptied, state }, emptied + looked),
    });
    return { ...asResult(verification), emptied };
  };
}

/** An entry that changed since it was seen was written by the changed memory, and stays. */
async function emptyPage(
  after: string | null,
  cache: Cache,
): Promise<{ emptied: number; next: string | null }> {
  const { entries, next } = await cache.scan({ after, limit: PAGE });
  await cache.remove(entries);
  return { emptied: entries.length, next };
}
