import { describe, expect, test } from '@jest/globals';
import { QdrantClient } from '@qdrant/js-client-rest';
import { DIMENSION, livePoint, query } from '../contract/fixtures.js';
import { describeVectorIndex } from '../contract/index.js';
import { createQdrantIndex } from './index.js';
import { toQdrantPoint } from './qdrant-point.js';

const url = process.env['SOMA_TEST_QDRANT_URL'];
const apiKey = process.env['SOMA_QDRANT_API_KEY'];
const credentials = apiKey === undefined ? {} : { apiKey };
const collectionPrefix = `soma_test_${process.pid}_`;

if (url === undefined) {
  test.skip('no Qdrant and no stand-in on this machine', () => undefined);
} else {
  describeVectorIndex('Qdrant index', () =>
    Promise.resolve({
      open: async () => {
        const index = createQdrantIndex({ url, collectionPrefix, ...credentials });
        await index.start();
        return index;
      },
      close: () => dropCollections(url),
    }),
  );
}

(url === undefined ? test.skip : test)('points written before points had facts have none', async () => {
  const server = url ?? '';
  const index = createQdrantIndex({ url: server, collectionPrefix, ...credentials });
  await index.start();
  await index.ensureCollection({ name: 'old', model: 'm', dimension: DIMENSION });
  const client = new QdrantClient({ url: server, checkCompatibility: false, ...credentials });
  const point = toQdrantPoint(livePoint('k'));
  const points = [{ ...point, payload: { ...point.payload, facts: undefined } }];
  await client.upsert(`${collectionPrefix}old`, { points, wait: true });
  expect((await index.search('old', query({ about: true }))).about).toEqual(
    new Map([['k', { facts: null, terms: [0] }]]),
  );
  await index.close();
  await dropCollections(server);
});

/** The stand-in does not keep what a collection was made with. */
const isReal = url !== undefined && process.env['SOMA_QDRANT_URL'] !== undefined;

const LARGE = {
  shardNumber: 2,
  graphDegree: 32,
  hnswEf: 256,
  quantization: { scalar: { type: 'int8' as const, quantile: 0.99, always_ram: true } },
  onDiskVectors: true,
};

(isReal ? test : test.skip)('a collection is made as it is told to', async () => {
  const server = url ?? '';
  const index = createQdrantIndex({ url: server, collectionPrefix, ...LARGE, ...credentials });
  await index.start();
  await index.ensureCollection({ name: 'large', model: 'm', dimension: 3 });
  const client = new QdrantClient({ url: server, checkCompatibility: false, ...credentials });
  const { config } = await client.getCollection(`${collectionPrefix}large`);
  expect(config).toMatchObject({
    params: { vectors: { dense: { size: 3, on_disk: true } }, shard_number: 2 },
    hnsw_config: { m: 0, payload_m: 32 },
    quantization_config: LARGE.quantization,
  });
  await index.close();
  await dropCollections(server);
});

describe('without a Qdrant', () => {
  test('the index is unavailable', async () => {
    const index = createQdrantIndex({ url: 'http://127.0.0.1:1' });
    const unavailable = { code: 'index_unavailable', retryable: true };
    await expect(index.ping()).rejects.toMatchObject(unavailable);
    await expect(index.search('c', query())).rejects.toMatchObject(unavailable);
  });
});

/** A real Qdrant keeps what tests leave behind. */
async function dropCollections(server: string): Promise<void> {
  const client = new QdrantClient({ url: server, checkCompatibility: false, ...credentials });
  const { collections } = await client.getCollections();
  const ours = collections.filter(({ name }) => name.startsWith(collectionPrefix));
  for (const { name } of ours) await client.deleteCollection(name);
}
