import { withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import type { Collections, CollectionSet } from '../collections.js';

/** A row per model; `base` is the model's own name for its collection. */
export function createPostgresCollections({ pool, base }: { pool: pg.Pool; base: string }): Collections {
  const run = (statement: string, values: unknown[]): Promise<CollectionSet | undefined> =>
    withStoreErrors(async () => (await pool.query<CollectionSet>(statement, values)).rows[0]);
  return {
    read: async () => (await run(READ, [base])) ?? { active: base, building: null, retiring: null },
    build: async (name) => {
      await run(BUILD, [base, name]);
    },
    activate: async (name) => {
      await run(ACTIVATE, [base, name]);
    },
    leave: async (name) => {
      await run(LEAVE, [base, name]);
    },
  };
}

const READ = `select active, building, retiring from index_generations where base = $1`;

const BUILD = `
  insert into index_generations (base, active, building) values ($1, $1, $2)
  on conflict (base) do update set building = excluded.building
  where index_generations.active <> excluded.building`;

const ACTIVATE = `
  update index_generations set active = building, building = null, retiring = active
  where base = $1 and building = $2`;

const LEAVE = `
  update index_generations set building = nullif(building, $2), retiring = nullif(retiring, $2)
  where base = $1`;
