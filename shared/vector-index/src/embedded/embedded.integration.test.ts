import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { describeVectorIndex, type VectorIndexFixture } from '../contract/index.js';
import {
  createEmbeddedVectorIndex,
  startInProcessScanner,
  startWorkerScanner,
  type Scanner,
} from './index.js';

async function createFixture(startScanner: () => Scanner): Promise<VectorIndexFixture> {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 8, applicationName: 'test' }, () => undefined);
  return {
    open: async () => {
      const index = createEmbeddedVectorIndex({ pool, startScanner });
      await index.start();
      return index;
    },
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

// A worker thread runs compiled files only.
const workerUrl = new URL('../../dist/embedded/scan-worker.js', import.meta.url);

describeVectorIndex('embedded index', () => createFixture(startInProcessScanner));
describeVectorIndex('embedded index on a worker thread', () =>
  createFixture(() => startWorkerScanner({ maxPending: 256, maxHeapMb: 512, workerUrl })),
);
