import { expect, test } from '@jest/globals';
import { loadSettings, qdrantSettings } from '@soma/service';
import { z } from 'zod';
import { qdrantOptions } from './qdrant-options.js';

const read = (env: Record<string, string>) => qdrantOptions(loadSettings(z.object(qdrantSettings), env));
const URL_ONLY = { SOMA_QDRANT_URL: 'http://qdrant:6333' };

test('there are none without a Qdrant', () => {
  expect(read({ SOMA_QDRANT_REPLICAS: '3' })).toBeUndefined();
});

test('by default a collection is one copy, whole and in memory', () => {
  expect(read(URL_ONLY)).toEqual({
    url: 'http://qdrant:6333',
    collectionPrefix: 'soma_',
    replicationFactor: 1,
    graphDegree: 16,
    onDiskVectors: false,
  });
});

test('each setting is told', () => {
  const env = {
    ...URL_ONLY,
    SOMA_QDRANT_API_KEY: 'secret',
    SOMA_QDRANT_COLLECTION_PREFIX: 'staging_',
    SOMA_QDRANT_SHARDS: '6',
    SOMA_QDRANT_REPLICAS: '3',
    SOMA_QDRANT_GRAPH_DEGREE: '32',
    SOMA_QDRANT_SEARCH_BREADTH: '256',
    SOMA_QDRANT_QUANTIZATION: 'scalar',
    SOMA_QDRANT_VECTORS_ON_DISK: '1',
  };
  expect(read(env)).toEqual({
    url: 'http://qdrant:6333',
    apiKey: 'secret',
    collectionPrefix: 'staging_',
    shardNumber: 6,
    replicationFactor: 3,
    graphDegree: 32,
    hnswEf: 256,
    quantization: { scalar: { type: 'int8', quantile: 0.99, always_ram: true } },
    onDiskVectors: true,
  });
  expect(read({ ...URL_ONLY, SOMA_QDRANT_QUANTIZATION: 'binary' })?.quantization).toEqual({
    binary: { always_ram: true },
  });
});
