import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase } from '@soma/testing';
import { createPool, migrate, timestamp } from './index.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a migrated database has nothing left to migrate', async () => {
  expect(await migrate(database.url)).toEqual([]);
});

test.each([0, 1_700_000_000_123, Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')])(
  'timestamptz and bigint come back as the number that went in: %d',
  async (ms) => {
    const { rows } = await pool.query('select $1::timestamptz as time, $2::bigint as big', [
      timestamp(ms),
      ms,
    ]);
    expect(rows).toEqual([{ time: ms, big: ms }]);
  },
);
