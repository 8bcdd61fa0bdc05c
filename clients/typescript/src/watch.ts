import { SomaError } from './errors.js';
import { onAbort } from './on-abort.js';
import type { Change } from './types.js';

export interface ChangesPage {
  events: Change[];
  next: string;
}

const PAUSE = { firstMs: 200, longestMs: 10_000 };

/**
 * Goes through pages without end. An outage is waited for, however long it lasts; what nobody can mend by waiting ends
 * the walk.
 */
export async function* watchPages(
  fetchPage: (after: string | undefined) => Promise<ChangesPage>,
  from: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Change, void> {
  let after = from;
  for (let failures = 0; ;) {
    let page: ChangesPage;
    try {
      page = await fetchPage(after);
      failures = 0;
    } catch (error) {
      if (!(error instanceof SomaError) || !error.retryable) throw error;
      const jitter = 0.5 + Math.random() / 2;
      await pause(jitter * Math.min(PAUSE.longestMs, PAUSE.firstMs * 2 ** failures), signal);
      failures += 1;
      continue;
    }
    yield* page.events;
    after = page.next;
  }
}

/** @throws what the signal was aborted with */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopListening();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const stopListening = signal === undefined ? () => undefined : onAbort(signal, end);
  });
  signal?.throwIfAborted();
}
