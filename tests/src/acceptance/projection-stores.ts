import type { Cache } from '@soma/cache';
import { createRedisCache } from '@soma/cache/redis';
import { createPool } from '@soma/postgres';
import type { VectorIndex } from '@soma/vector-index';
import { createEmbeddedVectorIndex, startInProcessScanner } from '@soma/vector-index/embedded';
import { createPostgresCollections } from '@soma/vector-index/postgres';
import { createQdrantIndex } from '@soma/vector-index/qdrant';

export interface StoredMemory {
  key: string;
  partition: number;
  revision: number;
}

/** What stands behind the system under test, to break it on purpose. */
export class ProjectionStores {
  readonly pool = createPool(
    { url: process.env['SOMA_ACCEPTANCE_POSTGRES'] ?? '', maxConnections: 2, applicationName: 'test' },
    () => undefined,
  );
  readonly index: VectorIndex;
  /** Undefined where the cache is inside the process. */
  readonly cache: Cache | undefined;
  readonly #collections = createPostgresCollections({ pool: this.pool });

  constructor() {
    const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
    const { SOMA_QDRANT_URL: qdrant, SOMA_REDIS_URL: redis } = settings;
    this.index =
      qdrant === undefined
        ? createEmbeddedVectorIndex({ pool: this.pool, startScanner: startInProcessScanner })
        : createQdrantIndex({ url: qdrant });
    this.cache = redis === undefined ? undefined : createRedisCache({ url: redis, commandTimeoutMs: 10_000 });
  }

  async collection(): Promise<string> {
    const generations = await this.#collections.read();
    return generations.find(({ state }) => state === 'active')?.collection ?? '';
  }

  async memory(namespace: string, key: string): Promise<StoredMemory> {
    const { rows } = await this.pool.query<StoredMemory>(
      'select key, partition, revision from memories where namespace = $1 and key = $2',
      [namespace, key],
    );
    const [memory] = rows;
    if (memory === undefined) throw new Error(`there is no memory ${key}`);
    return memory;
  }

  async close(): Promise<void> {
    await this.index.close();
    await this.cache?.close();
    await this.pool.end();
  }
}
