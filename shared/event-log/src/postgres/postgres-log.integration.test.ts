import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { describeEventLog, PARTITIONS } from '../contract/index.js';
import { silent } from '../contract/silent.js';
import { createPostgresLog } from './index.js';

describeEventLog('the event log in Postgres', async () => {
  const database = await createTestDatabase();
  const pools: ReturnType<typeof createPool>[] = [];
  return {
    open: async () => {
      const pool = createPool(
        { url: database.url, maxConnections: 4, applicationName: 'test' },
        () => undefined,
      );
      pools.push(pool);
      const log = createPostgresLog({ pool, url: database.url, logger: silent, partitions: PARTITIONS });
      await log.start();
      return log;
    },
    drop: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    },
  };
});
