import type pg from 'pg';

/** A connection, unless nobody waits for it any more. */
export async function connected(pool: pg.Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  signal?.throwIfAborted();
  return unlessAborted(pool.connect(), signal, (late) => {
    late.release();
  });
}

/** What `work` brings, or the reason of an abort before that; what comes later is handed to `onLate`. */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  onLate: (result: T) => void = () => undefined,
): Promise<T> {
  if (signal === undefined) return work;
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
