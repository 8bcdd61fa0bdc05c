import { createTestDatabase } from '@soma/testing';
import { expect, test } from '@jest/globals';
import { analyzeGrowth } from './analyze-growth.js';
import { createPool } from './pool.js';

test('Postgres looks at a table again each time it has grown manyfold', async () => {
  const database = await createTestDatabase();
  // One connection: what is asked next waits for what nobody waits for.
  const pool = createPool({ url: database.url, maxConnections: 1, applicationName: 'test' }, () => undefined);
  try {
    await pool.query('create table grown (n int) with (autovacuum_enabled = false)');
    const hasWritten = analyzeGrowth(pool, 'grown');
    const known: unknown[] = [];
    for (const rows of [99, 1, 299, 1]) {
      await pool.query('insert into grown select generate_series(1, $1::int)', [rows]);
      hasWritten(rows);
      await pool.query('select 1');
      await pool.query('select 1');
      const { rows: found } = await pool.query("select reltuples from pg_class where relname = 'grown'");
      known.push((found[0] as { reltuples: number }).reltuples);
    }
    expect(known).toEqual([-1, 100, 100, 400]);
  } finally {
    await pool.end();
    await database.drop();
  }
});
