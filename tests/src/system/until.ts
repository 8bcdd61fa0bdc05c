import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 25;

/**
 * Asks until the answer is there.
 * @param attempt undefined or false: not yet. A throw ends the wait.
 * @throws what it was waiting for, once `timeoutMs` is over
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await attempt();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(PAUSE_MS);
  }
}
