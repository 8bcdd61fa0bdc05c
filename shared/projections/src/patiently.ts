import { isSomaError } from '@soma/memory';
import { retryUntilDone } from '@soma/service';

const ATTEMPTS = 20;

/** Tries again what may pass, so that a job goes on over a short outage instead of waiting for a new lease. */
export function patiently<T>(
  work: () => Promise<T>,
  { signal, beat }: { signal: AbortSignal; beat: () => Promise<void> },
): Promise<T> {
  let failed = false;
  return retryUntilDone(
    async () => {
      if (failed) await beat();
      return work();
    },
    {
      signal,
      onFailure: (error, attempt) => {
        if (!isSomaError(error) || !error.retryable || attempt >= ATTEMPTS) throw error;
        failed = true;
      },
    },
  );
}
