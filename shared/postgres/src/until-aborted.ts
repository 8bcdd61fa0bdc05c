import type pg from 'pg';
import type { Queryable } from './pool.js';
import { connected, unlessAborted } from './unless-aborted.js';

/**
 * The pool for as long as somebody waits for the answer: once `signal` is aborted, a statement rejects with its
 * reason, and the connection that it runs on is closed, at which Postgres ends it (createPool lets it look for that).
 * No cancel request: one that comes late would end whatever runs on that connection next.
 */
export function untilAborted(pool: pg.Pool, signal: AbortSignal | undefined): Queryable {
  if (signal === undefined) return pool;
  const query = async (statement: string | pg.QueryConfig, values?: unknown[]): Promise<unknown> => {
    const client = await connected(pool, signal);
    let isLost = false;
    try {
      return await unlessAborted(client.query(statement, values), signal);
    } catch (error) {
      isLost = signal.aborted;
      throw error;
    } finally {
      client.release(isLost);
    }
  };
  return { query: query as pg.Pool['query'] };
}
