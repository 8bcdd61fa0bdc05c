import { SomaError } from './errors.js';
import type { BatchWritten } from './types.js';

/** Codes of a single write that time may mend. */
const LATER = /_unavailable$|^(rate_limited|overloaded)$/;

/** For who needs all of a batch. @throws SomaError of the first write that was rejected */
export function throwRejected({ results, consistency_token }: BatchWritten): void {
  for (const result of results) {
    if (result.ok) continue;
    const { code, detail } = result.error;
    throw new SomaError(detail, { code, status: null, retryable: LATER.test(code), consistency_token });
  }
}
