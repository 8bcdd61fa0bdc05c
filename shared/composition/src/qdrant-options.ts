import type { QdrantIndexOptions } from '@soma/vector-index/qdrant';
import type { IndexSettings } from './settings.js';

/** Undefined without a Qdrant. What makes a collection counts for those to be made: a rebuild or reindex makes one. */
export function qdrantOptions(settings: IndexSettings): QdrantIndexOptions | undefined {
  const { SOMA_QDRANT_URL: url, SOMA_QDRANT_API_KEY: apiKey } = settings;
  if (url === undefined) return undefined;
  const { SOMA_QDRANT_SHARDS: shardNumber, SOMA_QDRANT_SEARCH_BREADTH: hnswEf } = settings;
  const quantization = QUANTIZATIONS[settings.SOMA_QDRANT_QUANTIZATION];
  return {
    url,
    collectionPrefix: settings.SOMA_QDRANT_COLLECTION_PREFIX,
    replicationFactor: settings.SOMA_QDRANT_REPLICAS,
    graphDegree: settings.SOMA_QDRANT_GRAPH_DEGREE,
    onDiskVectors: settings.SOMA_QDRANT_VECTORS_ON_DISK,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(shardNumber === undefined ? {} : { shardNumber }),
    ...(hnswEf === undefined ? {} : { hnswEf }),
    ...(quantization === undefined ? {} : { quantization }),
  };
}

/** Quantized vectors stay in memory: they are what the graph is walked by. Outliers do not stretch the byte's range. */
const QUANTIZATIONS: Record<
  IndexSettings['SOMA_QDRANT_QUANTIZATION'],
  QdrantIndexOptions['quantization'] | undefined
> = {
  none: undefined,
  scalar: { scalar: { type: 'int8', quantile: 0.99, always_ram: true } },
  binary: { binary: { always_ram: true } },
};
