import { expect, test } from '@jest/globals';
import { SharedRun } from './shared-run.js';

/** Work whose runs end when the test says so. */
function controlled() {
  const runs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const shared = new SharedRun(() => new Promise((resolve, reject) => runs.push({ resolve, reject })));
  return { shared, runs };
}

test('callers during a run share the one that begins after it', async () => {
  const { shared, runs } = controlled();
  const first = shared.run();
  const later = [shared.run(), shared.run()];
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  await Promise.all(later);
  expect(runs).toHaveLength(2);
});

test('a failed run fails its own callers only', async () => {
  const { shared, runs } = controlled();
  const first = shared.run();
  const second = shared.run();
  runs[0]?.reject(new Error('first'));
  await expect(first).rejects.toThrow('first');
  await Promise.resolve();
  runs[1]?.resolve();
  await expect(second).resolves.toBeUndefined();
});

test('each call after the last run begins a new one', async () => {
  const { shared, runs } = controlled();
  for (const [at] of [1, 2, 3].entries()) {
    const run = shared.run();
    expect(runs).toHaveLength(at + 1);
    runs[at]?.resolve();
    await run;
  }
});
