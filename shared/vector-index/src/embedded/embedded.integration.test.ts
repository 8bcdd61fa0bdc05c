import { describe, expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { deletedPoint, DIMENSION, livePoint } from '../contract/fixtures.js';
import { describeVectorIndex, type VectorIndexFixture } from '../contract/index.js';
import type { VectorIndex } from '../port.js';
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

describe('rows of the embedded index that go by hand', () => {
  const progress = async (index: VectorIndex) =>
    [...(await index.progress('c', [0, 1])).values()].map(({ command_position }) => command_position);

  test.each(["delete from index_points where key = 'a'", 'truncate index_points'])(
    '%s: the partition’s progress goes with a live one',
    async (statement) => {
      const database = await createTestDatabase();
      const pool = createPool(
        { url: database.url, maxConnections: 4, applicationName: 'test' },
        () => undefined,
      );
      const index = createEmbeddedVectorIndex({ pool, startScanner: startInProcessScanner });
      await index.ensureCollection({ name: 'c', model: 'm', dimension: DIMENSION });
      await index.upsert('c', [livePoint('a'), deletedPoint('gone', 1), livePoint('b', { partition: 1 })]);
      await index.setProgress('c', 0, { generation: 1, command_position: 7 });
      await index.setProgress('c', 1, { generation: 1, command_position: 8 });
      await pool.query("delete from index_points where key = 'gone'");
      expect(await progress(index)).toEqual([7, 8]);
      await pool.query(statement);
      expect(await progress(index)).toEqual([-1, statement.startsWith('truncate') ? -1 : 8]);
      await index.close();
      await pool.end();
      await database.drop();
    },
  );
});
