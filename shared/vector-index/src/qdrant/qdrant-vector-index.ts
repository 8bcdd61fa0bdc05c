import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { SomaError } from '@soma/memory';
import { newestOfEach } from '../newest-of-each.js';
import type {
  CollectionSpec,
  IndexCandidates,
  IndexPoint,
  IndexQuery,
  PartitionProgress,
  VectorIndex,
} from '../port.js';
import {
  collectionDefinition,
  isOf,
  PAYLOAD_INDEXES,
  type CollectionSettings,
} from './collection-definition.js';
import { progressPointId } from './point-id.js';
import { qdrantErrors, statusOf } from './qdrant-errors.js';
import { chunksOf, olderThan, toQdrantPoint } from './qdrant-point.js';
import { searchPoints } from './search-points.js';

export interface QdrantIndexDeps {
  client: QdrantClient;
  prefix: string;
  settings: CollectionSettings;
  params: Schemas['SearchParams'];
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
    const { params } = this.#deps;
    const options = { params, consistency: this.#consistency() };
    return qdrantErrors(() => searchPoints(this.#client, name, query, options));
  }

  async progress(collection: string, partitions: number[]): Promise<Map<number, PartitionProgress>> {
    const stored = await qdrantErrors(() =>
      this.#client.retrieve(this.#nameOf(collection), {
        ids: partitions.map(progressPointId),
        with_payload: true,
        ...this.#reading(),
      }),
    );
    const payloads = new Map(
      stored.map(({ id, payload }) => [id, payload as PartitionProgress | null | undefined]),
    );
    return new Map(
      partitions.map((partition) => {
        const { generation, command_position } = payloads.get(progressPointId(partition)) ?? NO_PROGRESS;
        return [partition, { generation, command_position }];
      }),
    );
  }

  async setProgress(collection: string, partition: number, progress: PartitionProgress): Promise<void> {
    // Of no namespace, deleted and without vectors: nothing finds, counts or prunes it.
    const point = {
      id: progressPointId(partition),
      vector: {},
      payload: { ...progress, partition, deleted: true },
    };
    await qdrantErrors(() => this.#client.upsert(this.#nameOf(collection), { wait: true, points: [point] }));
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

  #reading(): { consistency?: 'majority' } {
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

const NO_PROGRESS: PartitionProgress = { generation: 0, command_position: -1 };
