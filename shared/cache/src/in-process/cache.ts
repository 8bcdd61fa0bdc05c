import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { MemoryState } from '@soma/memory';
import { countReads, NO_CACHE_METRICS, type CacheMetrics } from '../metrics.js';
import {
  CACHE_TTL_MS,
  LEASE_TTL_MS,
  type Cache,
  type CachedRevision,
  type CachePage,
  type CacheRead,
  type CacheScan,
} from '../port.js';

export interface InProcessCacheConfig {
  /** Entries kept at most; the least recently used goes first. Default 50,000. */
  maxEntries?: number;
  /** Bytes of memory that keys and states may take, as UTF-16 text. Default 128 MiB. */
  maxBytes?: number;
  metrics?: CacheMetrics;
  /** Milliseconds; defaults CACHE_TTL_MS and LEASE_TTL_MS. */
  entryTtlMs?: number;
  leaseTtlMs?: number;
}

interface Entry {
  revision: number;
  /** Text and not the object, so that no reader can change what another gets. */
  json: string;
}

/** Leases that stand at a time; a lease that is pushed out is over, which only costs its reader the fill. */
const MAX_LEASES = 10_000;

/** The cache of a single process. */
export function createInProcessCache(config: InProcessCacheConfig = {}): Cache {
  return new InProcessCache(config);
}

class InProcessCache implements Cache {
  readonly #metrics: CacheMetrics;
  readonly #entries: LRUCache<string, Entry>;
  /** Apart from the entries, so that evicting an entry never brings a cancelled lease back. */
  readonly #leases: LRUCache<string, string>;

  constructor(config: InProcessCacheConfig) {
    const metrics = config.metrics ?? NO_CACHE_METRICS;
    this.#metrics = metrics;
    this.#entries = new LRUCache<string, Entry>({
      max: config.maxEntries ?? 50_000,
      maxSize: config.maxBytes ?? 128 * 1024 * 1024,
      sizeCalculation: (entry, key) => 2 * (entry.json.length + key.length),
      ttl: config.entryTtlMs ?? CACHE_TTL_MS,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') metrics.evicted(1);
      },
    });
    this.#leases = new LRUCache<string, string>({ max: MAX_LEASES, ttl: config.leaseTtlMs ?? LEASE_TTL_MS });
  }

  read(namespace: string, keys: string[]): Promise<CacheRead[]> {
    const reads = keys.map((key): CacheRead => {
      const name = nameOf(namespace, key);
      const entry = this.#entries.get(name);
      if (entry !== undefined) return { hit: true, state: JSON.parse(entry.json) as MemoryState };
      if (this.#leases.has(name)) return { hit: false, lease: null };
      const lease = randomUUID();
      this.#leases.set(name, lease);
      return { hit: false, lease };
    });
    countReads(this.#metrics, reads);
    return Promise.resolve(reads);
  }

  fill(namespace: string, key: string, lease: string, state: MemoryState): Promise<void> {
    const name = nameOf(namespace, key);
    const accepted = this.#leases.get(name) === lease;
    if (accepted) {
      this.#leases.delete(name);
      this.#keepNewer(name, state);
    }
    this.#metrics.filled(accepted);
    return Promise.resolve();
  }

  put(entries: MemoryState[]): Promise<void> {
    for (const state of entries) {
      const name = nameOf(state.namespace, state.key);
      this.#leases.delete(name);
      this.#keepNewer(name, state);
    }
    return Promise.resolve();
  }

  revisions(namespace: string, keys: readonly string[]): Promise<(number | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.#entries.peek(nameOf(namespace, key))?.revision));
  }

  /** In the order of names, which no reading changes. */
  scan({ after, limit }: CacheScan): Promise<CachePage> {
    const names = [...this.#entries.keys()].filter((name) => after === null || name > after).sort();
    const entries = names.slice(0, limit).flatMap((name): CachedRevision[] => {
      const revision = this.#entries.peek(name)?.revision;
      return revision === undefined ? [] : [{ ...partsOf(name), revision }];
    });
    return Promise.resolve({ entries, next: names.length > limit ? (names[limit - 1] ?? null) : null });
  }

  remove(entries: readonly CachedRevision[]): Promise<void> {
    for (const { namespace, key, revision } of entries) {
      const name = nameOf(namespace, key);
      if (this.#entries.peek(name)?.revision === revision) this.#entries.delete(name);
    }
    return Promise.resolve();
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#entries.clear();
    this.#leases.clear();
    return Promise.resolve();
  }

  #keepNewer(name: string, state: MemoryState): void {
    const there = this.#entries.peek(name);
    if (there !== undefined && there.revision >= state.revision) return;
    this.#entries.set(name, { revision: state.revision, json: JSON.stringify(state) });
  }
}

/** A namespace has no slash. */
function nameOf(namespace: string, key: string): string {
  return `${namespace}/${key}`;
}

function partsOf(name: string): { namespace: string; key: string } {
  const slash = name.indexOf('/');
  return { namespace: name.slice(0, slash), key: name.slice(slash + 1) };
}
