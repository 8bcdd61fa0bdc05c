import { expect } from '@jest/globals';
import type { Candidate } from '../port.js';

/** Equal but for what single precision can do: scores that close may change places. */
export function expectSameOrder(answer: Candidate[], wanted: Candidate[]): void {
  expect(answer.map(({ score }) => score)).toEqual(wanted.map(({ score }) => expect.closeTo(score, 4)));
  const scoreOf = new Map(wanted.map(({ key, score }) => [key, score]));
  for (const { key, score } of answer) {
    const known = scoreOf.get(key);
    if (known !== undefined) expect(score).toBeCloseTo(known, 4);
    else expect(score).toBeCloseTo(wanted.at(-1)?.score ?? Number.NaN, 4);
  }
}
