import { queryVector } from '@soma/analysis';
import type { Embedder } from '@soma/embedder';
import { createHashEmbedder } from '@soma/embedder/hash';
import { createOpenAiEmbedder } from '@soma/embedder/openai';
import { IndexGenerations } from '@soma/index-generations';
import { EVERYTHING, type MemoryState } from '@soma/memory';
import { WrittenWorld } from '@soma/projections/contract';
import type { Service } from '@soma/service';
import type { Collections, EmbedderSpec, VectorIndex } from '@soma/vector-index';
import { createEmbeddedVectorIndex, startInProcessScanner } from '@soma/vector-index/embedded';
import { createPostgresCollections } from '@soma/vector-index/postgres';
import { Registry } from 'prom-client';
import { createIndexer, type IndexerDeps } from '../index.js';

/** Of another size than the default, so that vectors of one never fit the other. */
export const SMALL_HASH: EmbedderSpec = { kind: 'hash', model: null, url: null, dimension: 64 };
export const HASH: EmbedderSpec = { kind: 'hash', model: null, url: null, dimension: 32 };
/** The first collection of HASH. */
export const BASE = 'memories-hash-32-32';

/** Indexers over a written world, and what they make of it. */
export class IndexedWorld {
  readonly written: WrittenWorld;
  readonly index: VectorIndex;
  readonly collections: Collections;
  #indexers: Service[] = [];
  #generations: IndexGenerations[] = [];

  static async open(): Promise<IndexedWorld> {
    return new IndexedWorld(await WrittenWorld.open());
  }

  private constructor(written: WrittenWorld) {
    this.written = written;
    this.index = createEmbeddedVectorIndex({ pool: written.pool, startScanner: startInProcessScanner });
    this.collections = createPostgresCollections({ pool: written.pool });
  }

  generations(configured = HASH): IndexGenerations {
    const { collections } = this;
    const { logger } = this.written;
    const generations = new IndexGenerations({
      collections,
      configured,
      open: (spec) => this.#open(spec),
      logger,
    });
    this.#generations.push(generations);
    return generations;
  }

  #open({ kind, model, url, dimension }: EmbedderSpec): Embedder {
    if (kind === 'hash') return createHashEmbedder(dimension === null ? {} : { dimension });
    const { logger } = this.written;
    const config = { url: url ?? '', model: model ?? '', dimension: dimension ?? 0, logger };
    return createOpenAiEmbedder({ ...config, maxAttempts: 1 });
  }

  async startIndexer(changes: Partial<IndexerDeps> = {}): Promise<Service> {
    const { log, ledger, codec, memories, jobs, logger } = this.written;
    const { index, collections } = this;
    const indexer = createIndexer({
      ...{ log, ledger, codec, memories, jobs, logger, index, collections },
      generations: this.generations(),
      keepMs: null,
      registry: new Registry(),
      retireMs: 20,
      tendMs: 20,
      onCrash: (error) => {
        throw error;
      },
      // What waits for room is never taken for a bug: such would be given up at once here.
      timing: { backoff: { minMs: 5, maxMs: 20 }, unlistedRetryMs: 0, proofIntervalMs: 50, reassignMs: 20 },
      ...changes,
    });
    this.#indexers.push(indexer);
    await indexer.start();
    return indexer;
  }

  async stopIndexers(): Promise<void> {
    await Promise.all(this.#indexers.map((indexer) => indexer.stop()));
    this.#indexers = [];
  }

  async active(): Promise<string> {
    const generations = await this.collections.read();
    return generations.find(({ state }) => state === 'active')?.collection ?? '';
  }

  /** Each collection with its state. */
  async states(): Promise<Record<string, string>> {
    const generations = await this.collections.read();
    return Object.fromEntries(generations.map(({ collection, state }) => [collection, state]));
  }

  /** Keys and revisions that a search for the word finds. */
  async found(word: string, namespace = 'team'): Promise<Record<string, number>> {
    const { sparse } = await this.index.search(await this.active(), {
      namespace,
      filter: EVERYTHING,
      now: Date.now(),
      dense: null,
      sparse: { vector: queryVector(word), limit: 1_000 },
      about: false,
    });
    return Object.fromEntries(sparse.map(({ key, revision }) => [key, revision]));
  }

  async storeMany(count: number, name = 'm'): Promise<MemoryState[]> {
    return Promise.all(
      Array.from({ length: count }, (_, at) => this.written.store(`${name}${at}`, `zebra ${name}${at}`)),
    );
  }

  async close(): Promise<void> {
    await this.stopIndexers();
    await Promise.all(this.#generations.map((generations) => generations.close()));
    await this.index.close();
    await this.written.close();
  }
}

export function revisionsOf(states: MemoryState[]): Record<string, number> {
  return Object.fromEntries(states.map(({ key, revision }) => [key, revision]));
}
