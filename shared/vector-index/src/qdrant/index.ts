import { QdrantClient, type Schemas } from '@qdrant/js-client-rest';
import type { VectorIndex } from '../port.js';
import type { CollectionSettings } from './collection-definition.js';
import { QdrantVectorIndex } from './qdrant-vector-index.js';

export type { CollectionSettings };

export interface QdrantIndexOptions extends CollectionSettings {
  /** http://host:6333; Qdrant 1.18 or later. */
  url: string;
  apiKey?: string;
  /** Put before every collection's name, so that installations can share a Qdrant. Default `soma_`. */
  collectionPrefix?: string;
  /** Milliseconds a request may take. Default 10,000. */
  timeoutMs?: number;
  /** Most connections to Qdrant. Default 32. */
  maxConnections?: number;
  /** Candidates that a graph search keeps in mind: larger is more exact and slower. Default: Qdrant's own. */
  hnswEf?: number;
  /** Scores every point of the namespace instead of walking its graph. Default false. */
  exact?: boolean;
}

export function createQdrantIndex(options: QdrantIndexOptions): VectorIndex {
  const { url, apiKey, collectionPrefix = 'soma_', timeoutMs = 10_000, maxConnections = 32 } = options;
  const params: Schemas['SearchParams'] = {
    exact: options.exact ?? false,
    ...(options.hnswEf === undefined ? {} : { hnsw_ef: options.hnswEf }),
  };
  const client = new QdrantClient({
    url,
    timeout: timeoutMs,
    maxConnections,
    checkCompatibility: false,
    // gzip costs 40 ms an answer: the compressed tail waits for a delayed ACK.
    headers: { 'accept-encoding': 'identity', ...(apiKey === undefined ? {} : { 'api-key': apiKey }) },
  });
  return new QdrantVectorIndex({ client, prefix: collectionPrefix, settings: options, params, timeoutMs });
}
