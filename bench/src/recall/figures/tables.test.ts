import { expect, test } from '@jest/globals';
import { share } from './tables.js';

test.each([
  [0.6344, '.634'],
  [-0.034, '-.034'],
  [-0.0001, '.000'],
  [0, '.000'],
  [1, '1.000'],
])('%d is written %s', (value, expected) => {
  expect(share(value)).toBe(expected);
});
