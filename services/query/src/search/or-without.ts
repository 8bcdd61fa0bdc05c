import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError } from '@soma/memory';
import type { Logger } from '@soma/service';
import type { Degradation, DegradedReason } from './degradation.js';

export interface PartDeps {
  degradation: Degradation;
  logger: Logger;
}

/** A search goes on without what does not come in time, milliseconds. */
const PATIENCE_MS = 250;

/** What was asked for, or its substitute when that does not come, or not in time; the search says so. */
export async function orWithout<T>(
  substitute: T,
  reason: DegradedReason,
  work: Promise<T>,
  { degradation, logger }: PartDeps,
): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([work, overdue(late.signal)]);
  } catch (error) {
    logger.warn({ err: error, reason }, 'a search goes on without a part');
    degradation.add(reason);
    return substitute;
  } finally {
    late.abort();
  }
}

async function overdue(signal: AbortSignal): Promise<never> {
  await sleep(PATIENCE_MS, undefined, { signal });
  throw new SomaError('store_unavailable', `no answer within ${PATIENCE_MS} ms`);
}
