import { expect, test } from '@jest/globals';
import { paceOf, type Clock } from './pace.js';

/** Time passes only in pauses, and where a test says so. */
function stoodStill(): Clock & { ms: number } {
  const clock = {
    ms: 0,
    now: () => clock.ms,
    pause: (ms: number) => {
      clock.ms += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

test('so many texts take as long as the rate says, whatever embedding them takes', async () => {
  const clock = stoodStill();
  const pace = paceOf(20, 200, clock);
  for (let page = 0; page < 10; page += 1) {
    clock.ms += 300;
    await pace.spend(20);
  }
  expect(clock.ms).toBe(10_000);
});

test('a slow embedder is not made to wait', async () => {
  const clock = stoodStill();
  const pace = paceOf(20, 200, clock);
  for (let page = 0; page < 10; page += 1) {
    clock.ms += 1_500;
    await pace.spend(20);
  }
  expect(clock.ms).toBe(15_000);
});

test('time in which nothing was embedded gives no right to a burst of more than a second', async () => {
  const clock = stoodStill();
  const pace = paceOf(10, 200, clock);
  clock.ms = 3_600_000;
  await pace.spend(10);
  expect(clock.ms).toBe(3_600_000);
  await pace.spend(10);
  expect(clock.ms).toBe(3_601_000);
});

test('what already was embedded costs no time', async () => {
  const clock = stoodStill();
  await paceOf(1, 200, clock).spend(0);
  expect(clock.ms).toBe(0);
});

test.each([
  [1, 1],
  [50, 50],
  [10_000, 200],
])('at %d a second %d are taken at once', (perSecond, atOnce) => {
  expect(paceOf(perSecond, 200, stoodStill()).atOnce).toBe(atOnce);
});
