import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from './api.js';
import type { CommandContext } from './command-context.js';
import { CommandFailed, EXIT } from './exit-codes.js';
import { openProgress, type Shown } from './job-progress.js';

/** Long work of the service that is watched. */
export interface Watched<T> {
  /** Asks the service how far it is. */
  look: () => Promise<T>;
  hasEnded: (state: T) => boolean;
  show: (state: T) => Shown;
  /** What is said when the watching ends before the work. */
  goesOn: string;
}

/** Tries that may fail one after the other before the service is given up for lost. */
export const MAX_FAILURES = 20;

/**
 * Watches until it ends. Ctrl-C stops the watching only.
 * @throws CommandFailed when it was stopped, or when the service is gone for long
 */
export async function follow<T>(context: CommandContext, started: T, watched: Watched<T>): Promise<T> {
  const { terminal, pollMs } = context;
  const stopped = new AbortController();
  const stopListening = terminal.onInterrupt(() => {
    stopped.abort();
  });
  const progress = await openProgress(terminal);
  let state = started;
  try {
    for (let failures = 0; ;) {
      progress.show(watched.show(state));
      if (watched.hasEnded(state)) break;
      await sleep(pollMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) break;
      const looked = await lookOnce(watched, failures);
      failures = looked === undefined ? failures + 1 : 0;
      state = looked ?? state;
    }
  } finally {
    progress.end();
    stopListening();
  }
  if (!watched.hasEnded(state)) throw new CommandFailed(EXIT.interrupted, watched.goesOn);
  return state;
}

/** Is it worth asking again: the service may be starting anew, or have too much to do? */
export function maybeLater(error: unknown): boolean {
  if (error instanceof Refused) return error.status >= 500 || error.status === 429 || error.status === 408;
  return error instanceof CommandFailed && error.exitCode === EXIT.unreachable;
}

/** Undefined when the service could not say: it may be starting anew. */
async function lookOnce<T>({ look, goesOn }: Watched<T>, failures: number): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (maybeLater(error) && failures < MAX_FAILURES) return undefined;
    if (!(error instanceof CommandFailed)) throw error;
    throw new CommandFailed(error.exitCode, `${error.message}\n${goesOn}`, { cause: error });
  }
}
