import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hitAt, ndcgAt, recallAt } from './relevance.js';

const RANKED = ['a', 'b', 'c', 'd'];

test.each([
  [1, ['a'], 1],
  [1, ['b'], 0],
  [2, ['b', 'd'], 0.5],
  [4, ['b', 'd'], 1],
  [4, ['b', 'd', 'missing', 'lost'], 0.5],
])('R@%d of %j', (k, relevant, expected) => {
  expect(recallAt(k, RANKED, relevant)).toBe(expected);
});

test('one of several is a hit', () => {
  expect(hitAt(2, RANKED, ['b', 'd'])).toBe(1);
  expect(hitAt(1, RANKED, ['b', 'd'])).toBe(0);
});

test.each([
  [10, ['a'], 1],
  [10, ['b'], 1 / Math.log2(3)],
  [10, ['a', 'c'], (1 + 1 / 2) / (1 + 1 / Math.log2(3))],
  // The ideal is as long as the cut, not as what is relevant.
  [1, ['a', 'b'], 1],
  [10, ['missing'], 0],
])('nDCG@%d of %j', (k, relevant, expected) => {
  expect(ndcgAt(k, RANKED, relevant)).toBeCloseTo(expected, 12);
});

const ranking = fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map(String), { minLength: 1, maxLength: 30 });
const relevant = fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map(String), { minLength: 1, maxLength: 8 });

test('a longer list never recalls less, and all figures stay between 0 and 1', () => {
  fc.assert(
    fc.property(ranking, relevant, fc.integer({ min: 1, max: 30 }), (coords, wanted, k) => {
      expect(recallAt(k + 1, coords, wanted)).toBeGreaterThanOrEqual(recallAt(k, coords, wanted));
      for (const figure of [recallAt, hitAt, ndcgAt]) {
        expect(figure(k, coords, wanted)).toBeGreaterThanOrEqual(0);
        expect(figure(k, coords, wanted)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('moving a relevant memory up by one never lowers nDCG', () => {
  fc.assert(
    fc.property(ranking, relevant, fc.nat(), (coords, wanted, place) => {
      const at = place % coords.length;
      const [one = '', above = ''] = [coords[at], coords[at - 1]];
      fc.pre(at > 0 && wanted.includes(one) && !wanted.includes(above));
      const better = coords.with(at, above).with(at - 1, one);
      expect(ndcgAt(10, better, wanted)).toBeGreaterThanOrEqual(ndcgAt(10, coords, wanted));
    }),
  );
});
