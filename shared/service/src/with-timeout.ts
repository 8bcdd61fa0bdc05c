export interface Timeout {
  /** How long the work may take. */
  ms: number;
  /** Why it is aborted when that is over. */
  late: () => Error;
  /** Whoever waits for it; aborted when nobody does any more. */
  signal: AbortSignal | undefined;
}

/**
 * What `work` brings. Its signal is aborted when the time is over, when nobody waits for it any more, and when it fails,
 * for what else it has begun. By hand, for AbortSignal.any keeps its sources' listeners as long as a long-lived source
 * lives (Node 20).
 */
export async function withTimeout<T>(
  { ms, late, signal }: Timeout,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal?.reason);
  };
  const timer = setTimeout(() => {
    controller.abort(late());
  }, ms);
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  try {
    return await work(controller.signal);
  } catch (error) {
    controller.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
