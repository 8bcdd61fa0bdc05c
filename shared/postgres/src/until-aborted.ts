import type pg from 'pg';
import type { Queryable } from './pool.js';

/**
 * The pool for as long as somebody waits for the answer: once `signal` is aborted, a statement rejects with its
 * reason, and the connection that it runs on is closed, at which Postgres ends it (createPool lets it look for that).
 * No cancel request: one that comes late would end whatever runs on that connection next.
 */
export function untilAborted(pool: pg.Pool, signal: AbortSignal | undefined): Queryable {
  if (signal === undefined) return pool;
  const query = async (statement: string | pg.QueryConfig, values?: unknown[]): Promise<unknown> => {
    signal.throwIfAborted();
    const client = await unlessAborted(pool.connect(), signal, (late) => {
      late.release();
    });
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

/** What `work` brings, or the reason of an abort before that; what comes later is handed to `onLate`. */
async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  onLate: (result: T) => void = () => undefined,
): Promise<T> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (signal.aborted) work.then(onLate, () => undefined);
    throw error;
  } finally {
    settled.abort();
  }
}
