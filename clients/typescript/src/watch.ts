import { SomaError } from './errors.js';
import { pauseOf } from './pause.js';
import type { Change } from './types.js';

export interface ChangesPage {
  events: Change[];
  next: string;
}

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
      await pauseOf(failures, signal);
      failures += 1;
      continue;
    }
    yield* page.events;
    after = page.next;
  }
}
