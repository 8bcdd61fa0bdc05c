import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { activeCollection, writtenCollections, type Collections } from '../index.js';
import { createPostgresCollections } from './index.js';

let pool: ReturnType<typeof createPool>;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function written(collections: Collections): Promise<string[]> {
  return writtenCollections(await collections.read());
}

test('a collection is built beside the active one, takes its place, and the old one retires', async () => {
  const collections = createPostgresCollections({ pool, base: 'a' });
  const ofAnotherModel = createPostgresCollections({ pool, base: 'b' });
  expect(await written(collections)).toEqual(['a']);
  for (let time = 1; time <= 2; time += 1) {
    await collections.build('a2');
    expect(await written(collections)).toEqual(['a', 'a2']);
  }
  for (let time = 1; time <= 2; time += 1) {
    await collections.activate('a2');
    expect(await collections.read()).toEqual({ active: 'a2', building: null, retiring: 'a' });
  }
  // A repeat of what is over: the active collection is never taken for one to build.
  await collections.build('a2');
  expect(await collections.read()).toEqual({ active: 'a2', building: null, retiring: 'a' });
  await collections.leave('a');
  await collections.build('a3');
  await collections.leave('a3');
  await collections.activate('a3');
  expect(await written(collections)).toEqual(['a2']);
  expect(await written(ofAnotherModel)).toEqual(['b']);
});

test('readers share one question a second, and keep the last answer while the store is out', async () => {
  let asked = 0;
  let isOut = true;
  const name = activeCollection({
    read: async () => {
      asked += 1;
      if (isOut) throw new Error('out');
      return { active: 'a', building: null, retiring: null };
    },
  });
  await expect(name()).rejects.toThrow('out');
  isOut = false;
  expect(await Promise.all([name(), name(), name()])).toEqual(['a', 'a', 'a']);
  expect(asked).toBe(2);
});
