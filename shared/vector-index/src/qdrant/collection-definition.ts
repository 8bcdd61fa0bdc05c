import type { Schemas } from '@qdrant/js-client-rest';
import type { CollectionSpec } from '../port.js';
import { DENSE, SPARSE } from './qdrant-point.js';

export interface CollectionSettings {
  shardNumber?: number;
  /** Copies of each shard. Above 1, writes and reads each ask a majority of them. Default 1. */
  replicationFactor?: number;
  /** Keeps original vectors on disk, for use with quantization. Default false. */
  onDiskVectors?: boolean;
  quantization?: Schemas['QuantizationConfig'];
  /** Neighbours per point in a namespace's graph. Default 16. */
  graphDegree?: number;
}

/** What makes a collection: its model and dimension go into its metadata, and are checked ever after. */
export function collectionDefinition(
  { model, dimension }: CollectionSpec,
  settings: CollectionSettings,
): Schemas['CreateCollection'] {
  const {
    shardNumber,
    replicationFactor = 1,
    onDiskVectors = false,
    quantization,
    graphDegree = 16,
  } = settings;
  return {
    vectors: { [DENSE]: { size: dimension, distance: 'Cosine', on_disk: onDiskVectors } },
    sparse_vectors: { [SPARSE]: { modifier: 'idf' } },
    // No graph over all namespaces, one for each: every search names its namespace.
    hnsw_config: { m: 0, payload_m: graphDegree },
    replication_factor: replicationFactor,
    write_consistency_factor: majority(replicationFactor),
    metadata: { model, dimension },
    ...(shardNumber === undefined ? {} : { shard_number: shardNumber }),
    ...(quantization === undefined ? {} : { quantization_config: quantization }),
  };
}

function majority(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

/** Fields that conditions are looked up by. Numbers that callers compare stay out: an integer index would round them. */
export const PAYLOAD_INDEXES: Readonly<Record<string, Schemas['PayloadSchemaParams']>> = {
  namespace: { type: 'keyword', is_tenant: true },
  deleted: { type: 'bool' },
  revision: { type: 'integer', lookup: false, range: true },
  expires_at: { type: 'integer', lookup: false, range: true },
  deleted_at: { type: 'integer', lookup: false, range: true },
  'fields.user_id': { type: 'keyword' },
  'fields.agent_id': { type: 'keyword' },
  'fields.thread_id': { type: 'keyword' },
  'fields.memory_type': { type: 'keyword' },
  'fields.tags': { type: 'keyword' },
};

/** Is the stored collection of this model and dimension? */
export function isOf({ model, dimension }: CollectionSpec, stored: Schemas['CollectionInfo']): boolean {
  const metadata = stored.config.metadata as { model?: unknown; dimension?: unknown } | null | undefined;
  return metadata?.model === model && metadata.dimension === dimension;
}
