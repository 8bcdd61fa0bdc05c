import { expect, test } from '@jest/globals';
import { meanPooling } from './mean-pooling.js';

test('is the mean of the tokens of each text, without its padding', () => {
  const tokens = { data: [1, 2, 3, 4, 99, 99, 10, 20, 30, 40, 50, 60], dims: [2, 3, 2] };
  const mask = { data: [1n, 1n, 0n, 1n, 1n, 1n], dims: [2, 3] };
  expect(Array.from(meanPooling(tokens, mask))).toEqual([2, 3, 30, 40]);
});
