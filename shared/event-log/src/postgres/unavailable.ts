import { isSomaError, SomaError } from '@soma/memory';

/** Every failure of Postgres is, to users of the log, the log being out. */
export function unavailable(cause: unknown): SomaError {
  if (isSomaError(cause) && cause.code !== 'store_unavailable') return cause;
  return new SomaError('event_log_unavailable', 'the event log in Postgres does not answer', { cause });
}

export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable(error);
  }
}
