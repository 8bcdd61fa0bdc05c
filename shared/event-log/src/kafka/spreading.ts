import { setTimeout as delay } from 'node:timers/promises';
import { kafkaError } from './unavailable.js';

/** How long a topic that was just created may be unknown to some broker. */
export const SPREAD_TIMEOUT_MS = 15_000;

/** Repeats what fails because a new topic has not reached every broker yet, or has no leader there. */
export async function whileSpreading<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + SPREAD_TIMEOUT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const { type } = kafkaError(error);
      const spreading = type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE';
      if (!spreading || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}
