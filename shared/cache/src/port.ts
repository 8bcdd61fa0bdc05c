import type { MemoryState, Operation } from '@soma/memory';

/**
 * Cache of memory states. What an implementation MUST do:
 *
 * - `put` keeps an entry only when its revision is newer than the one there; it cancels a lease on the key.
 * - `fill` stores only while the lease it was given still stands, so that a reader that began before a change
 *   cannot put the old state back. A lease ends by its time, by `put`, or by `fill`.
 * - Entries leave after the TTL at the latest; expired memories are still returned as states, callers check.
 * - Errors: cache_unavailable (retryable); a cache out means slower, never wrong.
 */
export interface Cache {
  /** In the order of the keys. `miss` with a lease when the caller may fill, without when another holds it. */
  read(namespace: string, keys: string[]): Promise<CacheRead[]>;
  fill(namespace: string, key: string, lease: string, state: MemoryState): Promise<void>;
  put(entries: MemoryState[]): Promise<void>;
  /** Revisions of the entries that are there, in the order of the keys. Gives no lease and counts no read. */
  revisions(namespace: string, keys: readonly string[]): Promise<(number | undefined)[]>;
  /** Pages over the entries; one that stays from the first page to the last comes at least once. */
  scan(page: CacheScan): Promise<CachePage>;
  /** Takes out the entries that are still of the revision given: the next reader fills anew. */
  remove(entries: readonly CachedRevision[]): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type CacheRead = { hit: true; state: MemoryState } | { hit: false; lease: string | null };

export interface CachedRevision {
  namespace: string;
  key: string;
  revision: number;
}

export interface CacheScan {
  /** `next` of the page before; null for the first. */
  after: string | null;
  /** About so many. */
  limit: number;
}

export interface CachePage {
  entries: CachedRevision[];
  /** Null when nothing follows; a page may be empty before that. */
  next: string | null;
}

/** How long an entry lives at most, and a lease, milliseconds. */
export const CACHE_TTL_MS = 10 * 60_000;
export const LEASE_TTL_MS = 5_000;

/**
 * Outcomes: news of finished operations, from workers to the gateway process that waits. Best effort: a waiter
 * that hears nothing asks the ledger. What an implementation MUST do: deliver to the named subscriber only,
 * never block or fail the publisher's effect, bound what it buffers.
 */
export interface Outcomes {
  /** `replyTo` is the subscriber's own name, from the record's header; unknown names are ignored. */
  publish(replyTo: string, operations: Operation[]): Promise<void>;
  /** One subscription a process. */
  subscribe(name: string, listener: (operations: Operation[]) => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

/**
 * Limiter: token buckets by key. What an implementation MUST do: count across processes when it can; when its
 * store is out, go on in memory, per process, and say so by `degraded`.
 */
export interface Limiter {
  /** Takes `cost` from the bucket `name` of `key`; never throws. */
  consume(rule: RateRule, key: string, cost?: number): Promise<RateVerdict>;
  /** Forgets the bucket. */
  clear(rule: RateRule, keys: string[]): Promise<void>;
  degraded(): boolean;
  /** Buckets that this process keeps in memory. */
  buckets(): number;
  close(): Promise<void>;
}

export interface RateRule {
  /** Part of the bucket's identity and of the RateLimit headers: "write". */
  name: string;
  /** Points per window. */
  quota: number;
  window_seconds: number;
}

export interface RateVerdict {
  allowed: boolean;
  remaining: number;
  /** Seconds until the window is over, at least 1. */
  reset_seconds: number;
}

/** The rule against hot keys: its buckets are named by record keys, so that a deletion can clear a memory's own. */
export function memoryRule(quotaPerSecond: number): RateRule {
  return { name: 'memory', quota: quotaPerSecond, window_seconds: 1 };
}
