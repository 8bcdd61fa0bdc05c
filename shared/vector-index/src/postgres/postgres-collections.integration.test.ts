import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import type { NewGeneration } from '../index.js';
import { createPostgresCollections } from './index.js';

let pool: ReturnType<typeof createPool>;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let collections: ReturnType<typeof createPostgresCollections>;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  collections = createPostgresCollections({ pool });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const HOUR = 3_600_000;
const [JOB, OTHER_JOB] = [randomUUID(), randomUUID()];

function named(collection: string): NewGeneration {
  const spec = { kind: 'openai', model: collection, url: `http://${collection}`, dimension: 8 };
  return { collection, spec, model: collection, dimension: 8 };
}

/** Each with its state, and a + where it is joined. */
async function states(): Promise<Record<string, string>> {
  const generations = await collections.read();
  return Object.fromEntries(
    generations.map(({ collection, state, joined }) => [collection, `${state}${joined ? '+' : ''}`]),
  );
}

/** Joined first, as everything that becomes active. */
async function switchTo(collection: string, former: 'kept' | 'retiring'): Promise<boolean> {
  await collections.join(collection, HOUR);
  return collections.activate(collection, { former, writtenForMs: HOUR });
}

async function rememberSomething(): Promise<void> {
  await pool.query(`
    insert into memories (namespace, key, coord, partition, version, revision, deleted, created_at, updated_at)
    values ('team', 'm', 'm', 0, 1, 1, true, now(), now())`);
}

test('what was recorded of the embedder is read as it was', async () => {
  await collections.found(named('a'));
  expect(await collections.read()).toEqual([
    { ...named('a'), state: 'active', joined: false, job_id: null, age_ms: expect.any(Number) },
  ]);
  await collections.locate('a', 'http://elsewhere');
  expect((await collections.read())[0]?.spec).toEqual({ ...named('a').spec, url: 'http://elsewhere' });
});

test('of processes that start at once one records the first generation', async () => {
  await rememberSomething();
  await Promise.all(['a', 'b', 'a', 'b'].map((name) => collections.found(named(name))));
  expect(Object.values(await states())).toEqual(['active']);
});

test('another first generation takes over only while nothing was ever stored', async () => {
  await collections.found(named('a'));
  expect(await collections.isPristine()).toBe(true);
  await collections.found(named('b'));
  expect(await states()).toEqual({ a: 'retiring', b: 'active' });
  // And back, before what retires is gone.
  await collections.found(named('a'));
  expect(await states()).toEqual({ a: 'active', b: 'retiring' });
  await rememberSomething();
  expect(await collections.isPristine()).toBe(false);
  await collections.found(named('b'));
  expect(await states()).toEqual({ a: 'active', b: 'retiring' });
});

test('one is built, joined, made active in one step, and the former one kept; then back, and back again', async () => {
  await collections.found(named('a'));
  for (let time = 1; time <= 2; time += 1)
    expect(await collections.build({ ...named('b'), job_id: JOB })).toBe(true);
  expect(await states()).toEqual({ a: 'active', b: 'building' });
  await collections.join('b', HOUR);
  await collections.join('a', HOUR);
  expect(await states()).toEqual({ a: 'active', b: 'building+' });
  for (let time = 1; time <= 2; time += 1) {
    expect(await switchTo('b', 'kept')).toBe(true);
    // The former one is written on for the searches that still name it.
    expect(await states()).toEqual({ a: 'kept+', b: 'active' });
  }
  await collections.part('a');
  await collections.part('b');
  expect(await states()).toEqual({ a: 'kept', b: 'active' });
  expect(await switchTo('a', 'kept')).toBe(true);
  expect(await states()).toEqual({ a: 'active', b: 'kept+' });
  expect(await switchTo('b', 'kept')).toBe(true);
  expect(await states()).toEqual({ a: 'kept+', b: 'active' });
});

test('what is not joined any more may lack something, and does not become active', async () => {
  await collections.found(named('a'));
  await collections.build({ ...named('b'), job_id: JOB });
  const succession = { former: 'kept', writtenForMs: 0 } as const;
  expect(await collections.activate('b', succession)).toBe(false);
  await collections.join('b', -1);
  expect(await collections.activate('b', succession)).toBe(false);
  expect(await states()).toEqual({ a: 'active', b: 'building' });
  await collections.join('b', HOUR);
  expect(await collections.activate('b', succession)).toBe(true);
  // And the former one is written no longer than was said.
  expect(await states()).toEqual({ a: 'kept', b: 'active' });
});

test('only one is built at a time, only one is kept', async () => {
  await collections.found(named('a'));
  await collections.build({ ...named('b'), job_id: JOB });
  expect(await collections.build({ ...named('c'), job_id: OTHER_JOB })).toBe(false);
  await switchTo('b', 'kept');
  expect(await collections.build({ ...named('c'), job_id: OTHER_JOB })).toBe(true);
  expect(await switchTo('c', 'kept')).toBe(false);
  expect(await states()).toEqual({ a: 'kept+', b: 'active', c: 'building+' });
  expect(await switchTo('c', 'retiring')).toBe(true);
  expect(await states()).toEqual({ a: 'kept+', b: 'retiring+', c: 'active' });
});

test('the active one is neither left nor forgotten; what is over goes in steps', async () => {
  await collections.found(named('a'));
  await collections.build({ ...named('b'), job_id: JOB });
  await switchTo('b', 'kept');
  for (const collection of ['a', 'b']) {
    await collections.leave(collection);
    await collections.forget(collection);
  }
  expect(await states()).toEqual({ a: 'kept+', b: 'active' });
  expect(await collections.retire('b')).toBe(false);
  expect(await collections.retire('a')).toBe(true);
  expect(await switchTo('a', 'kept')).toBe(false);
  await collections.forget('a');
  expect(await states()).toEqual({ a: 'retiring+', b: 'active' });
  await collections.leave('a');
  expect(await states()).toEqual({ a: 'gone', b: 'active' });
  await collections.forget('a');
  expect(await states()).toEqual({ b: 'active' });
});

test('one process follows until it lets go or its time is over', async () => {
  await collections.found(named('a'));
  const [one, other] = [randomUUID(), randomUUID()];
  expect(await collections.follow('a', one, 60_000)).toBe(true);
  expect(await collections.follow('a', other, 60_000)).toBe(false);
  expect(await collections.follow('a', one, -1)).toBe(true);
  expect(await collections.follow('a', other, 60_000)).toBe(true);
});
