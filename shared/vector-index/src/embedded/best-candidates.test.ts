import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BestCandidates } from './best-candidates.js';

test('keeps what sorting everything would put first, ties by key', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 })),
      fc.integer({ min: 0, max: 12 }),
      (scores, limit) => {
        const keyOf = (slot: number) => `k${(slot * 7) % 101}`;
        const best = new BestCandidates(limit, keyOf);
        for (const [slot, score] of scores.entries()) if (best.wants(score, slot)) best.offer(score, slot);
        const sorted = scores
          .map((score, slot) => ({ slot, score }))
          .sort((a, b) => b.score - a.score || (keyOf(a.slot) < keyOf(b.slot) ? -1 : 1));
        expect(best.sorted()).toEqual(sorted.slice(0, limit));
      },
    ),
  );
});
