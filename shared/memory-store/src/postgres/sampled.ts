/** A count may keep a connection busy for one part in this many. */
const SHARE = 20;

/**
 * `work`, but its answer is kept for 20 times as long as it took to find: a count that is cheap is exact, one that
 * is not lags behind and never loads the database by more than a twentieth of a connection. Callers share one run.
 */
export function sampled<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let keptUntil = 0;
  return () => {
    if (current !== undefined && performance.now() < keptUntil) return current;
    const startedAt = performance.now();
    keptUntil = Infinity;
    current = work();
    current.then(
      () => {
        const endedAt = performance.now();
        keptUntil = endedAt + (endedAt - startedAt) * SHARE;
      },
      () => {
        keptUntil = 0;
      },
    );
    return current;
  };
}
