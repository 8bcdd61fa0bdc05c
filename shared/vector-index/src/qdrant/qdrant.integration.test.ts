import { describe, test } from '@jest/globals';
import { describeVectorIndex } from '../contract/index.js';
import { createQdrantIndex } from './index.js';

const url = process.env['SOMA_TEST_QDRANT_URL'];

if (url === undefined) {
  describe('Qdrant index', () => {
    test.skip('no Qdrant and no stand-in on this machine', () => undefined);
  });
} else {
  describeVectorIndex('Qdrant index', () =>
    Promise.resolve({
      open: async () => {
        const apiKey = process.env['SOMA_QDRANT_API_KEY'];
        const index = createQdrantIndex({
          url,
          collectionPrefix: 'soma_test_',
          ...(apiKey === undefined ? {} : { apiKey }),
        });
        await index.start();
        return index;
      },
      close: () => Promise.resolve(),
    }),
  );
}
