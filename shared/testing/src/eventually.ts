import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the expectation holds; rejects with its last failure after `timeoutMs`. */
export async function eventually(expectation: () => unknown, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(10);
    }
  }
}
