import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPostgresMemoryStore } from './index.js';

const TALK = `
  insert into memories (namespace, key, coord, deleted, payload, text, text_given, memory_type, user_id, tags, importance,
    version, revision, partition, created_at, updated_at, thread_id, thread_time, thread_place, speaker)
  select 'team', 'm' || n, 'm' || n, false, '{}', 'text', true, 'episodic', 'u' || n % 100, '{}', 0.5,
    1, n, 0, now(), now(), 't' || n % 3, n, '', 'ada'
  from generate_series(1, 20000) as n`;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  // One connection, so that it tells of its own statements.
  pool = createPool({ url: database.url, maxConnections: 1, applicationName: 'test' }, () => undefined);
  await pool.query(TALK);
  await pool.query('analyze memories');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const scansOfAll = async () => {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ scans: number }>(
    "select seq_scan as scans from pg_stat_user_tables where relname = 'memories'",
  );
  return rows[0]?.scans;
};

/** So often that Postgres plans once for all: then it goes by what is usual in the table, not by what is asked. */
const OFTEN = 10;

test.each([
  ['everybody', null],
  ['one user', 'u7'],
])(
  'whatever a long talk of one speaker is asked, of %s, no statement reads all of it',
  async (_, user_id) => {
    const { recall } = createPostgresMemoryStore({ pool });
    const whose = { namespace: 'team', user_id };
    const marks = { times: true, tells_time: true, phrases: ['text'], accesses: false };
    const keys = Array.from({ length: 100 }, (_, n) => `m${n * 100 + 7}`);
    const before = await scansOfAll();
    for (let n = 0; n < OFTEN; n += 1) {
      expect(await recall.speakers(whose, ['what', 'did', 'ada', 'ada say'])).toEqual(['ada']);
      expect(await recall.facts(whose, keys, marks)).toHaveLength(100);
      expect((await recall.around(whose, keys, 2, marks)).length).toBeGreaterThan(390);
    }
    expect(await scansOfAll()).toBe(before);
  },
);
