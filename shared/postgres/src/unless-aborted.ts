import type pg from 'pg';

/** A connection, unless nobody waits for it any more. */
export async function connected(pool: pg.Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  signal?.throwIfAborted();
  return unlessAborted(pool.connect(), signal, (late) => {
    late.release();
  });
}

/** What `work` brings, or the reason of an abort before that; what comes later is handed to `onLate`. */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  onLate: (result: T) => void = () => undefined,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
      work.then(onLate, () => undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
