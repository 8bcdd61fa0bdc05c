import { inTransaction, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type {
  Collections,
  GenerationState,
  IndexGeneration,
  NewGeneration,
  Succession,
} from '../collections.js';
import * as sql from './statements.js';

/** Generations as rows; the pool stays the caller's to end. */
export function createPostgresCollections({ pool }: { pool: pg.Pool }): Collections {
  const run = <Row extends pg.QueryResultRow>(statement: string, values: unknown[]) =>
    withStoreErrors(() => pool.query<Row>(statement, values));
  const change = async (statement: string, ...values: unknown[]): Promise<boolean> =>
    (await run(statement, values)).rowCount === 1;
  const carryOut = async (statement: string, ...values: unknown[]): Promise<void> => {
    await run(statement, values);
  };
  return {
    read: async () => (await run<IndexGeneration>(sql.READ, [])).rows,
    isPristine: async () =>
      (await run<{ pristine: boolean }>(sql.IS_PRISTINE, [])).rows[0]?.pristine === true,
    found: (generation) =>
      alone(pool, async (tx) => {
        await tx.query(sql.DISPLACE, [generation.collection]);
        await tx.query(sql.FOUND, columnsOf(generation));
      }),
    build: ({ job_id, ...generation }) =>
      alone(pool, async (tx) => {
        await tx.query(sql.BUILD, [...columnsOf(generation), job_id]);
        return (await tx.query(sql.IS_BUILDING, [generation.collection, job_id])).rowCount === 1;
      }),
    join: (collection, forMs) => carryOut(sql.JOIN, collection, forMs),
    part: (collection) => carryOut(sql.PART, collection),
    activate: (collection, succession) => alone(pool, (tx) => activate(tx, collection, succession)),
    retire: (collection) => change(sql.RETIRE, collection),
    leave: (collection) => carryOut(sql.LEAVE, collection),
    forget: (collection) => carryOut(sql.FORGET, collection),
    locate: (collection, url) => carryOut(sql.LOCATE, collection, url),
    follow: (collection, process, forMs) => change(sql.FOLLOW, collection, process, forMs),
  };
}

function alone<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (tx) => {
    await tx.query(sql.LOCK);
    return work(tx);
  });
}

function columnsOf({ collection, spec, model, dimension }: NewGeneration): unknown[] {
  return [collection, JSON.stringify(spec), model, dimension];
}

async function activate(
  tx: Queryable,
  collection: string,
  { former, writtenForMs }: Succession,
): Promise<boolean> {
  const { rows } = await tx.query<{ state: GenerationState; joined: boolean }>(sql.SELECT_STATE, [
    collection,
  ]);
  const [found] = rows;
  if (found?.state === 'active') return true;
  if (found?.joined !== true || (found.state !== 'building' && found.state !== 'kept')) return false;
  if (former === 'kept' && (await tx.query(sql.HAS_KEPT, [collection])).rowCount !== 0) return false;
  await tx.query(sql.STEP_ASIDE, [collection]);
  await tx.query(sql.SUCCEED, [former, writtenForMs]);
  await tx.query(sql.TAKE_OVER, [collection]);
  return true;
}
