import { expect, test } from '@jest/globals';
import { collectionDefinition } from './collection-definition.js';
import { DENSE, SPARSE } from './qdrant-point.js';

const SPEC = { name: 'c', model: 'm', dimension: 384 };

test('a collection has a graph for each namespace, and by itself one copy in memory', () => {
  expect(collectionDefinition(SPEC, {})).toEqual({
    vectors: { [DENSE]: { size: 384, distance: 'Cosine', on_disk: false } },
    sparse_vectors: { [SPARSE]: { modifier: 'idf' } },
    hnsw_config: { m: 0, payload_m: 16 },
    replication_factor: 1,
    write_consistency_factor: 1,
    metadata: { model: 'm', dimension: 384 },
  });
});

test('shards, copies, degree and quantization are told to Qdrant', () => {
  const quantization = { binary: { always_ram: true } };
  const large = { shardNumber: 6, replicationFactor: 3, graphDegree: 32, onDiskVectors: true, quantization };
  expect(collectionDefinition(SPEC, large)).toMatchObject({
    vectors: { [DENSE]: { on_disk: true } },
    hnsw_config: { m: 0, payload_m: 32 },
    shard_number: 6,
    replication_factor: 3,
    write_consistency_factor: 2,
    quantization_config: quantization,
  });
});
