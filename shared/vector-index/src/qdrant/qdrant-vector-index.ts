import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { SomaError } from '@soma/memory';
import { newestOfEach } from '../newest-of-each.js';
import type {
  CollectionSpec,
  HeldPage,
  HeldRevision,
  IndexCandidates,
  IndexPoint,
  IndexQuery,
  PartitionProgress,
  PointRevision,
  ProgressStep,
  ScanPage,
  VectorIndex,
} from '../port.js';
import {
  collectionDefinition,
  isOf,
  PAYLOAD_INDEXES,
  type CollectionSettings,
} from './collection-definition.js';
import { dropCollection, heldRevisions, removePoints, scanPoints, type Reading } from './held-points.js';
import { moveProgress, readProgress, writeProgress } from './progress-points.js';
import { qdrantErrors, statusOf } from './qdrant-errors.js';
import { chunksOf, olderThan, toQdrantPoint } from './qdrant-point.js';
import { searchPoints } from './search-points.js';

export interface QdrantIndexDeps {
  client: QdrantClient;
  prefix: string;
  settings: CollectionSettings;
  params: Schemas['SearchParams'];
  timeoutMs: number;
}

export class QdrantVectorIndex implements VectorIndex {
  readonly #client: QdrantClient;
  readonly #deps: QdrantIndexDeps;
  readonly #dimensions = new Map<string, number>();

  constructor(deps: QdrantIndexDeps) {
    this.#client = deps.client;
    this.#deps = deps;
  }

  async ensureCollection(spec: CollectionSpec): Promise<void> {
    await qdrantErrors(async () => {
      const name = this.#nameOf(spec.name);
      const stored = (await this.#find(name)) ?? (await this.#create(name, spec));
      if (!isOf(spec, stored)) {
        throw new SomaError(
          'invalid_configuration',
          `index collection ${name} is of another model or dimension`,
        );
      }
      const missing = Object.entries(PAYLOAD_INDEXES).filter(
        ([field]) => stored.payload_schema[field] === undefined,
      );
      for (const [field_name, field_schema] of missing) {
        await this.#client.createPayloadIndex(name, { field_name, field_schema, wait: true });
      }
    });
  }

  async upsert(collection: string, points: IndexPoint[]): Promise<void> {
    const newest = newestOfEach(points);
    const name = this.#nameOf(collection);
    for (const point of newest) if (!point.deleted) await this.#checkDimension(name, point.dense);
    for (const chunk of chunksOf(newest)) {
      await qdrantErrors(() =>
        this.#client.upsert(name, {
          wait: true,
          points: chunk.map(toQdrantPoint),
          update_filter: olderThan(chunk),
        }),
      );
    }
  }

  async search(collection: string, query: IndexQuery): Promise<IndexCandidates> {
    const name = this.#nameOf(collection);
    await this.#checkDimension(name, query.dense?.vector ?? null);
    const { params, timeoutMs } = this.#deps;
    const options = { params, consistency: this.#consistency(), timeout: Math.ceil(timeoutMs / 1000) };
    return qdrantErrors(() => searchPoints(this.#client, name, query, options));
  }

  progress(collection: string, partitions: number[]): Promise<Map<number, PartitionProgress>> {
    return readProgress(this.#client, this.#nameOf(collection), partitions, this.#reading());
  }

  setProgress(collection: string, partition: number, progress: PartitionProgress): Promise<void> {
    return writeProgress(this.#client, this.#nameOf(collection), partition, progress);
  }

  moveProgress(collection: string, partition: number, step: ProgressStep): Promise<boolean> {
    return moveProgress(this.#client, this.#nameOf(collection), { partition, ...step }, this.#reading());
  }

  async prune(collection: string, before: number): Promise<number> {
    const name = this.#nameOf(collection);
    const filter: Schemas['Filter'] = {
      must: [
        { key: 'deleted', match: { value: true } },
        { key: 'deleted_at', range: { lt: before } },
      ],
    };
    return qdrantErrors(async () => {
      const { count } = await this.#client.count(name, { filter, exact: true });
      if (count > 0) await this.#client.delete(name, { filter, wait: true });
      return count;
    });
  }

  async count(collection: string): Promise<number> {
    const filter: Schemas['Filter'] = { must: [{ key: 'deleted', match: { value: false } }] };
    const { count } = await qdrantErrors(() =>
      this.#client.count(this.#nameOf(collection), { filter, exact: true }),
    );
    return count;
  }

  revisions(
    collection: string,
    namespace: string,
    keys: readonly string[],
  ): Promise<(HeldRevision | undefined)[]> {
    return heldRevisions(this.#client, this.#nameOf(collection), { namespace, keys }, this.#reading());
  }

  scan(collection: string, page: ScanPage): Promise<HeldPage> {
    return scanPoints(this.#client, this.#nameOf(collection), page, this.#reading());
  }

  remove(collection: string, points: PointRevision[]): Promise<void> {
    return removePoints(this.#client, this.#nameOf(collection), points);
  }

  async dropCollection(collection: string): Promise<void> {
    this.#dimensions.delete(this.#nameOf(collection));
    await dropCollection(this.#client, this.#nameOf(collection));
  }

  async start(): Promise<void> {
    await this.ping();
  }

  async ping(): Promise<void> {
    await qdrantErrors(() => this.#client.versionInfo());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #nameOf(collection: string): string {
    return this.#deps.prefix + collection;
  }

  /** A majority was written, so any majority has what was. */
  #consistency(): 'majority' | undefined {
    return (this.#deps.settings.replicationFactor ?? 1) > 1 ? 'majority' : undefined;
  }

  #reading(): Reading {
    const consistency = this.#consistency();
    return consistency === undefined ? {} : { consistency };
  }

  async #find(name: string): Promise<Schemas['CollectionInfo'] | undefined> {
    try {
      return await this.#client.getCollection(name);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async #create(name: string, spec: CollectionSpec): Promise<Schemas['CollectionInfo']> {
    try {
      // The client's own createCollection leaves out the metadata.
      const definition = collectionDefinition(spec, this.#deps.settings);
      await this.#client.api().createCollection({ collection_name: name, ...definition });
    } catch (error) {
      // Another process was faster.
      if (statusOf(error) !== 409) throw error;
    }
    return this.#client.getCollection(name);
  }

  async #checkDimension(name: string, vector: Float32Array | null): Promise<void> {
    if (vector === null) return;
    const dimension = this.#dimensions.get(name) ?? (await this.#readDimension(name));
    if (vector.length === dimension) return;
    throw new SomaError(
      'invalid_configuration',
      `a vector is not of the ${dimension} dimensions of the index`,
    );
  }

  async #readDimension(name: string): Promise<number> {
    const { config } = await qdrantErrors(() => this.#client.getCollection(name));
    const metadata = config.metadata as { dimension?: unknown } | null | undefined;
    const dimension = Number(metadata?.dimension);
    this.#dimensions.set(name, dimension);
    return dimension;
  }
}
