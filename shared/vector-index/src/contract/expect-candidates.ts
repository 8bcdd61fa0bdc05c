import { expect } from '@jest/globals';
import type { Candidate, IndexCandidates, IndexQuery } from '../port.js';

/** What single precision may make of a score. */
const CLOSE = 1e-4;
type Lists = Pick<IndexCandidates, 'dense' | 'sparse'>;
const LISTS = ['dense', 'sparse'] as const;

/**
 * What a search has to answer, given every point in order: the best of each list, then what the other found. Scores
 * that close may change places, so at the end of a list it is open which of them are found.
 */
export function expectCandidates(answer: Lists, all: Lists, query: IndexQuery): void {
  const limits = { dense: query.dense?.limit ?? 0, sparse: query.sparse?.limit ?? 0 };
  const found = (margin: number) =>
    new Set(LISTS.flatMap((list) => above(all[list], limits[list], margin).map(({ key }) => key)));
  const surely = found(CLOSE);
  const possibly = found(-CLOSE);
  for (const list of LISTS) {
    if (limits[list] === 0) {
      expect(answer[list]).toEqual([]);
      continue;
    }
    const scores = (candidates: Candidate[]) => candidates.slice(0, limits[list]).map(({ score }) => score);
    expect(scores(answer[list])).toEqual(scores(all[list]).map((score) => expect.closeTo(score, 4)));
    const scoreOf = new Map(all[list].map(({ key, score }) => [key, score]));
    for (const { key, score } of answer[list]) expect(score).toBeCloseTo(scoreOf.get(key) ?? Number.NaN, 4);
    const answered = answer[list].map(({ key }) => key);
    expect(answered.filter((key) => !possibly.has(key))).toEqual([]);
    expect(answered).toEqual(expect.arrayContaining([...surely].filter((key) => scoreOf.has(key))));
  }
}

/** What scores better than the last that the limit lets in, by a margin. */
function above(candidates: Candidate[], limit: number, margin: number): Candidate[] {
  const last = candidates[limit - 1]?.score ?? Number.NEGATIVE_INFINITY;
  return limit === 0 ? [] : candidates.filter(({ score }) => score > last + margin);
}
