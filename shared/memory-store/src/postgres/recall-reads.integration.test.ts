import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPostgresMemoryStore } from './index.js';

const TALK = `
  insert into memories (namespace, key, coord, deleted, payload, text, text_given, memory_type, user_id, tags, importance,
    version, revision, partition, created_at, updated_at, thread_id, thread_time, thread_place, speaker)
  select 'team', 'm' || n, 'm' || n, false, '{}', 'text', true, 'episodic', 'u' || n % 100, '{}', 0.5,
    1, n, 0, now(), now(), 't' || n % 3, n, '', 'ada'
  from generate_series(1, 20000) as n`;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
beforeEach(async () => {
  database = await createTestDatabase();
  // One connection, so that it tells of its own statements, and keeps their plans.
  pool = createPool({ url: database.url, maxConnections: 1, applicationName: 'test' }, () => undefined);
});
afterEach(async () => {
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

const KEYS = Array.from({ length: 100 }, (_, n) => `m${n * 100 + 7}`);
const MARKS = { times: true, tells_time: true, phrases: ['text'], accesses: false };
/** So often that Postgres plans once for all: then it goes by what is usual in the table, not by what is asked. */
const OFTEN = 10;

const asking = async (user_id: string | null) => {
  const store = createPostgresMemoryStore({ pool });
  const { recall } = store;
  const whose = { namespace: 'team', user_id };
  const answers = [];
  for (let n = 0; n < OFTEN; n += 1) {
    const speakers = await recall.speakers(whose, ['what', 'did', 'ada', 'ada say']);
    const facts = await recall.facts(whose, KEYS, MARKS);
    const near = await recall.around(whose, KEYS, 2, MARKS);
    const memories = await store.get('team', KEYS);
    answers.push([speakers.length, facts.length, near.length > 390, memories.filter(Boolean).length]);
  }
  return answers;
};
const ALL = Array.from({ length: OFTEN }, () => [1, 100, true, 100]);

test.each([
  ['everybody', null],
  ['one user', 'u7'],
])('a search in a long talk of one speaker, of %s, reads no table from end to end', async (_, user_id) => {
  await asking(user_id);
  await pool.query(TALK);
  await pool.query('analyze memories');
  const before = await scansOfAll();
  expect(await asking(user_id)).toEqual(ALL);
  expect(await scansOfAll()).toBe(before);
});
