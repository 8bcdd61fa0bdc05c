import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  generationOf,
  MAX_GENERATION,
  positionOf,
  POSITIONS_PER_GENERATION,
  revisionOf,
} from './revision.js';

const generations = fc.integer({ min: 0, max: MAX_GENERATION });
const positions = fc.maxSafeNat().map((n) => n % POSITIONS_PER_GENERATION);

test('a revision holds its generation and position exactly', () => {
  fc.assert(
    fc.property(generations, positions, (generation, position) => {
      const revision = revisionOf(generation, position);
      expect(Number.isSafeInteger(revision)).toBe(true);
      expect([generationOf(revision), positionOf(revision)]).toEqual([generation, position]);
    }),
  );
});

test('revisions order by generation, then position', () => {
  expect(revisionOf(1, POSITIONS_PER_GENERATION - 1)).toBeLessThan(revisionOf(2, 0));
  expect(revisionOf(1, 5)).toBeLessThan(revisionOf(1, 6));
});

test.each([
  [0, -1],
  [0, POSITIONS_PER_GENERATION],
  [-1, 0],
  [MAX_GENERATION + 1, 0],
])('generation %d with position %d is out of range', (generation, position) => {
  expect(() => revisionOf(generation, position)).toThrow(RangeError);
});
