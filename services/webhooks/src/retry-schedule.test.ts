import { expect, test } from '@jest/globals';
import { nextAttemptIn } from './retry-schedule.js';

const schedule = { attempts: 10, firstMs: 5_000 };
const DAY_MS = 86_400_000;

test('each wait is four times the one before, a day at most, and up to a fifth more', () => {
  const waits = [5_000, 20_000, 80_000, 320_000, 1_280_000, 5_120_000, 20_480_000, 81_920_000, DAY_MS];
  for (const [index, wait] of waits.entries()) {
    const next = nextAttemptIn(index + 1, schedule, null) ?? 0;
    expect(next).toBeGreaterThanOrEqual(wait);
    expect(next).toBeLessThanOrEqual(wait * 1.2);
  }
});

test('after the last attempt it is given up', () => {
  expect(nextAttemptIn(10, schedule, null)).toBeUndefined();
  expect(nextAttemptIn(1, { ...schedule, attempts: 1 }, 1_000)).toBeUndefined();
});

test('a receiver may ask for more time, within bounds, and not for less', () => {
  expect(nextAttemptIn(1, schedule, 60_000)).toBe(60_000);
  expect(nextAttemptIn(1, schedule, 1)).toBeGreaterThanOrEqual(5_000);
  expect(nextAttemptIn(1, schedule, 365 * DAY_MS)).toBeLessThanOrEqual(DAY_MS * 1.2);
});
