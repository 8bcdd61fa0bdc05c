import { isSomaError, SomaError } from '@soma/memory';
import type { NamespaceRead, ReadOptions, Reads } from '@soma/reads';
import CircuitBreaker from 'opossum';

/** How long the breaker stays open before it lets one request try, milliseconds. */
const RESET_MS = 2_000;
const WINDOW_MS = 5_000;
/** Requests within the window below which nothing is concluded. */
const VOLUME = 10;

export interface GuardedReads extends Reads {
  close(): void;
}

/**
 * Reads behind one circuit breaker and a deadline. When the reading side keeps failing, requests are refused at once
 * with store_unavailable instead of waiting each for its own timeout; a late answer is deadline_exceeded.
 */
export function guardReads(reads: Reads, timeoutMs: number): GuardedReads {
  const breaker = new CircuitBreaker((work: () => Promise<unknown>) => work(), {
    name: 'reads',
    timeout: false,
    resetTimeout: RESET_MS,
    rollingCountTimeout: WINDOW_MS,
    volumeThreshold: VOLUME,
    errorThresholdPercentage: 50,
    errorFilter: isAnswer,
  });
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return (await breaker.fire(work)) as T;
    } catch (error) {
      if (!(error instanceof Error && CircuitBreaker.isOurError(error))) throw error;
      throw new SomaError('store_unavailable', 'the reading side does not answer', { cause: error });
    }
  };
  /** Gives a read its time, beyond what it may wait for consistency. */
  const timed = <T>(options: ReadOptions, read: (bounded: ReadOptions) => Promise<T>): Promise<T> =>
    run(() => withDeadline(options, timeoutMs, read));
  const read = <Name extends NamespaceRead>(method: Name): Reads[Name] =>
    ((namespace: string, request: unknown, options: ReadOptions) =>
      timed(options, (bounded): Promise<unknown> =>
        reads[method](namespace, request as never, bounded),
      )) as Reads[Name];
  return {
    get: read('get'),
    list: read('list'),
    range: read('range'),
    count: read('count'),
    history: read('history'),
    past: read('past'),
    changes: read('changes'),
    search: read('search'),
    neighbors: read('neighbors'),
    path: read('path'),
    namespaces: (request) => run(() => reads.namespaces(request)),
    totals: () => run(() => reads.totals()),
    health: () => reads.health(),
    close: () => {
      breaker.shutdown();
    },
  };
}

/** Errors that say nothing of the health of the reading side: it did answer, or the caller left. */
function isAnswer(error: unknown): boolean {
  if (error instanceof CallerGone) return true;
  return (
    isSomaError(error) &&
    (!error.retryable || error.code === 'not_yet_consistent' || error.code === 'overloaded')
  );
}

/** Nobody is there to be told. */
class CallerGone extends Error {
  override readonly name = 'CallerGone';
}

async function withDeadline<T>(
  options: ReadOptions,
  timeoutMs: number,
  read: (bounded: ReadOptions) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const signal =
    options.signal === undefined ? deadline.signal : AbortSignal.any([options.signal, deadline.signal]);
  let stop: () => void = () => undefined;
  const over = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => {
      deadline.abort();
      reject(new SomaError('deadline_exceeded', `the answer took longer than ${timeoutMs} ms`));
    }, options.waitMs + timeoutMs);
    const onGone = (): void => {
      reject(new CallerGone());
    };
    options.signal?.addEventListener('abort', onGone, { once: true });
    stop = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onGone);
    };
  });
  try {
    return await Promise.race([read({ ...options, signal }), over]);
  } finally {
    stop();
  }
}
