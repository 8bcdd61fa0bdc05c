import { randomUUID } from 'node:crypto';
import { Cluster, type ClientContext, type Result } from 'ioredis';
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
import { RedisConnection, type RedisClient, type RedisConfig } from './connection.js';
import { escapeGlob, scanKeys } from './scan-entries.js';
import { FILL, PUT, READ, REMOVE, REVISIONS, revisionField } from './scripts.js';

declare module 'ioredis' {
  interface RedisCommander<Context extends ClientContext> {
    somaCacheRead(
      keyCount: number,
      ...keysAndArguments: (string | number)[]
    ): Result<(string | 0 | 1)[], Context>;
    somaCacheFill(keyCount: number, ...keysAndArguments: (string | number)[]): Result<0 | 1, Context>;
    somaCachePut(keyCount: number, ...keysAndArguments: (string | number)[]): Result<0, Context>;
    somaCacheRevisions(keyCount: number, ...keys: string[]): Result<string[], Context>;
    somaCacheRemove(keyCount: number, ...keysAndRevisions: string[]): Result<0, Context>;
  }
}

export interface RedisCacheConfig extends RedisConfig {
  metrics?: CacheMetrics;
  /** Milliseconds; defaults CACHE_TTL_MS and LEASE_TTL_MS. */
  entryTtlMs?: number;
  leaseTtlMs?: number;
}

/** At most this much is under way for one call at a time, so that it does not keep Redis from others for long. */
const MAX_KEYS_PER_WAVE = 256;
const MAX_CHARACTERS_PER_WAVE = 1024 * 1024;

/**
 * The cache in Redis 7 or Valkey: standalone, Sentinel or Cluster. Every step is one atomic script. Give it a
 * Redis that evicts (`maxmemory-policy allkeys-lru`); persistence is neither needed nor trusted.
 */
export function createRedisCache(config: RedisCacheConfig): Cache {
  return new RedisCache(config);
}

class RedisCache implements Cache {
  readonly #redis: RedisConnection;
  readonly #metrics: CacheMetrics;
  readonly #entryTtlMs: number;
  readonly #leaseTtlMs: number;

  constructor(config: RedisCacheConfig) {
    this.#redis = new RedisConnection(config);
    this.#redis.client.defineCommand('somaCacheRead', { lua: READ });
    this.#redis.client.defineCommand('somaCacheFill', { lua: FILL });
    this.#redis.client.defineCommand('somaCachePut', { lua: PUT });
    this.#redis.client.defineCommand('somaCacheRevisions', { lua: REVISIONS });
    this.#redis.client.defineCommand('somaCacheRemove', { lua: REMOVE });
    this.#metrics = config.metrics ?? NO_CACHE_METRICS;
    this.#entryTtlMs = config.entryTtlMs ?? CACHE_TTL_MS;
    this.#leaseTtlMs = config.leaseTtlMs ?? LEASE_TTL_MS;
  }

  async read(namespace: string, keys: string[]): Promise<CacheRead[]> {
    const token = randomUUID();
    const reads: CacheRead[] = [];
    for (const wave of waves(keys, () => 0)) {
      const replies = await this.#redis.run((client) =>
        Promise.all(
          groups(client, wave).map((group) => {
            const pairs = group.flatMap((key) => this.#pair(namespace, key));
            return client.somaCacheRead(pairs.length, ...pairs, token, this.#leaseTtlMs);
          }),
        ),
      );
      for (const reply of replies.flat()) reads.push(toRead(reply, token));
    }
    countReads(this.#metrics, reads);
    return reads;
  }

  async fill(namespace: string, key: string, lease: string, state: MemoryState): Promise<void> {
    const [revision, json] = valueOf(state);
    const pair = this.#pair(namespace, key);
    const accepted = await this.#redis.run((client) =>
      client.somaCacheFill(2, ...pair, lease, revision, json, this.#entryTtlMs),
    );
    this.#metrics.filled(accepted === 1);
  }

  async put(entries: MemoryState[]): Promise<void> {
    const writes = entries.map((state) => ({
      pair: this.#pair(state.namespace, state.key),
      value: valueOf(state),
    }));
    for (const wave of waves(writes, ({ value }) => value[1].length)) {
      await this.#redis.run((client) =>
        Promise.all(
          groups(client, wave).map((group) => {
            const pairs = group.flatMap(({ pair }) => pair);
            const values = group.flatMap(({ value }) => value);
            return client.somaCachePut(pairs.length, ...pairs, this.#entryTtlMs, ...values);
          }),
        ),
      );
    }
  }

  async revisions(namespace: string, keys: readonly string[]): Promise<(number | undefined)[]> {
    return this.#revisionsOf(keys.map((key) => this.#pair(namespace, key)[0]));
  }

  async scan(page: CacheScan): Promise<CachePage> {
    const pattern = `${escapeGlob(this.#redis.prefix)}:{*}:m`;
    const { keys, next } = await this.#redis.run((client) => scanKeys(client, pattern, page));
    const revisions = await this.#revisionsOf(keys);
    const entries = keys.flatMap((name, at): CachedRevision[] => {
      const revision = revisions[at];
      return revision === undefined ? [] : [{ ...this.#partsOf(name), revision }];
    });
    return { entries, next };
  }

  async remove(entries: readonly CachedRevision[]): Promise<void> {
    for (const wave of waves([...entries], () => 0)) {
      await this.#redis.run((client) =>
        Promise.all(
          groups(client, wave).map((group) => {
            const names = group.map(({ namespace, key }) => this.#pair(namespace, key)[0]);
            const revisions = group.map(({ revision }) => revisionField(revision));
            return client.somaCacheRemove(names.length, ...names, ...revisions);
          }),
        ),
      );
    }
  }

  async #revisionsOf(names: string[]): Promise<(number | undefined)[]> {
    const revisions: (number | undefined)[] = [];
    for (const wave of waves(names, () => 0)) {
      const replies = await this.#redis.run((client) =>
        Promise.all(groups(client, wave).map((group) => client.somaCacheRevisions(group.length, ...group))),
      );
      for (const digits of replies.flat()) revisions.push(digits === '' ? undefined : Number(digits));
    }
    return revisions;
  }

  ping(): Promise<void> {
    return this.#redis.ping();
  }

  close(): Promise<void> {
    return this.#redis.close();
  }

  /** The braces make both keys of a memory share a slot of a Cluster. */
  #pair(namespace: string, key: string): [entry: string, lease: string] {
    const tag = `${this.#redis.prefix}:{${namespace}/${key}}`;
    return [`${tag}:m`, `${tag}:l`];
  }

  #partsOf(entry: string): { namespace: string; key: string } {
    const tag = entry.slice(this.#redis.prefix.length + 2, -'}:m'.length);
    const slash = tag.indexOf('/');
    return { namespace: tag.slice(0, slash), key: tag.slice(slash + 1) };
  }
}

function valueOf(state: MemoryState): [revision: string, json: string] {
  return [revisionField(state.revision), JSON.stringify(state)];
}

function toRead(reply: string | 0 | 1, token: string): CacheRead {
  if (typeof reply === 'string') return { hit: true, state: JSON.parse(reply) as MemoryState };
  return { hit: false, lease: reply === 1 ? token : null };
}

/** What one script call may take together: anything on one server, one memory where slots spread over several. */
function groups<T>(client: RedisClient, wave: T[]): T[][] {
  return client instanceof Cluster ? wave.map((item) => [item]) : [wave];
}

/** The items in order, cut into waves within the limits; a single larger item is a wave of its own. */
function waves<T>(items: T[], characters: (item: T) => number): T[][] {
  const result: T[][] = [];
  let wave: T[] = [];
  let size = 0;
  for (const item of items) {
    const more = characters(item);
    if (wave.length > 0 && (wave.length >= MAX_KEYS_PER_WAVE || size + more > MAX_CHARACTERS_PER_WAVE)) {
      result.push(wave);
      wave = [];
      size = 0;
    }
    wave.push(item);
    size += more;
  }
  if (wave.length > 0) result.push(wave);
  return result;
}
