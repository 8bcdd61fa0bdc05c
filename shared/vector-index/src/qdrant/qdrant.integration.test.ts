import { describe, expect, test } from '@jest/globals';
import { QdrantClient } from '@qdrant/js-client-rest';
import { query } from '../contract/fixtures.js';
import { describeVectorIndex } from '../contract/index.js';
import { createQdrantIndex } from './index.js';

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
