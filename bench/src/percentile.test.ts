import { expect, test } from '@jest/globals';
import { percentile } from './percentile.js';

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
])('%d of 1 to 100', (share, expected) => {
  expect(percentile(HUNDRED, share)).toBe(expected);
});

test('numbers are not compared as text', () => {
  expect(percentile([9, 10, 100], 1)).toBe(100);
});
