import { expect, test } from '@jest/globals';
import { pairedDifference } from './paired.js';

test('the margin comes from the differences and not from the values', () => {
  expect(pairedDifference([0.1, 0.9, 0.5], [0, 0.8, 0.4]).margin).toBeCloseTo(0, 12);
});

test('mean and 95 % margin', () => {
  // Differences 1, 0, 0, 0: standard deviation 0.5, standard error 0.25.
  const { mean, margin } = pairedDifference([1, 1, 0, 0], [0, 1, 0, 0]);
  expect(mean).toBe(0.25);
  expect(margin).toBeCloseTo(1.96 * 0.25, 12);
});

test('a single question says nothing for sure', () => {
  expect(pairedDifference([1], [0]).margin).toBe(Infinity);
});
