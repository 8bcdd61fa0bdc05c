import { expect, test } from '@jest/globals';
import { Restarts } from './restarts.js';

test('starts at once after one failure, then waits twice as long each time, up to 30 s', () => {
  let now = 0;
  const restarts = new Restarts(() => now);
  const waits = Array.from({ length: 8 }, () => {
    restarts.failed();
    return restarts.waitMs();
  });
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  now += 30_000;
  expect(restarts.waitMs()).toBe(0);
  restarts.succeeded();
  restarts.failed();
  expect(restarts.waitMs()).toBe(0);
});
