import type { Logger } from '@soma/service';
import type { Deadline } from './deadline.js';
import type { Degradation, DegradedReason } from './degradation.js';

export interface PartDeps {
  deadline: Deadline;
  degradation: Degradation;
  logger: Logger;
}

/** What was asked for, or what there is instead when that does not come, or not in time; the search says so. */
export async function orWithout<T>(
  reason: DegradedReason,
  work: () => Promise<T>,
  instead: () => T | Promise<T>,
  { deadline, degradation, logger }: PartDeps,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    deadline.throwIfGone();
    logger.warn({ err: error, reason }, 'a search goes on without a part');
    degradation.add(reason);
    return instead();
  }
}
