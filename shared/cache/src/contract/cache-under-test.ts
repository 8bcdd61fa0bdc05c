import type { Cache } from '../port.js';

export interface CacheUnderTest {
  cache: Cache;
  /** Makes the entry of a memory leave early, as eviction does; a lease that stands goes on standing. */
  evict(namespace: string, key: string): Promise<void>;
  /** Makes the entry and the lease leave, as FLUSHALL does; absent where nothing can. */
  lose?(namespace: string, key: string): Promise<void>;
  close(): Promise<void>;
}

export interface CacheNeeds {
  /** Entries that must have room at a time; a few dozen when absent. */
  entries?: number;
  entryTtlMs?: number;
  leaseTtlMs?: number;
}

export type CreateCache = (needs: CacheNeeds) => Promise<CacheUnderTest>;
