import { expect, test } from '@jest/globals';
import { EVERYTHING } from '@soma/memory';
import type { SearchRequest } from '@soma/reads';
import { rank } from './rank.js';

const request: SearchRequest = {
  query: 'q',
  top_k: 10,
  offset: 0,
  mode: 'hybrid',
  filter: EVERYTHING,
  min_similarity: null,
  explain: true,
};
const candidate = (key: string, score: number) => ({ key, revision: 1, score });

test('the score is the sum of both scores, each divided by its maximum', () => {
  const ranked = rank(
    { sparse: [candidate('a', 8), candidate('b', 4)], dense: [candidate('b', 0.5), candidate('c', 0.25)] },
    request,
    true,
  );
  expect(ranked.map(({ key, score }) => [key, score])).toEqual([
    ['b', 1.5],
    ['a', 1],
    ['c', 0.5],
  ]);
  expect(ranked[0]?.features).toEqual({
    keyword: { value: 0.5, contribution: 0.5 },
    dense: { value: 1, contribution: 1 },
  });
});

test('vectors without meaning do not count in a hybrid search', () => {
  const ranked = rank({ sparse: [candidate('a', 1)], dense: [candidate('b', 0.9)] }, request, false);
  expect(ranked.map(({ key, score }) => [key, score])).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
});

test('in a dense search words do not count, and vectors do, with meaning or without', () => {
  const candidates = { sparse: [candidate('a', 1)], dense: [candidate('b', 0.9)] };
  expect(rank(candidates, { ...request, mode: 'dense' }, false).map(({ key }) => key)).toEqual(['b', 'a']);
});

test('min_similarity drops what was found by words only and what is less similar', () => {
  const ranked = rank(
    { sparse: [candidate('words', 9)], dense: [candidate('near', 0.8), candidate('far', 0.2)] },
    { ...request, min_similarity: 0.5 },
    true,
  );
  expect(ranked.map(({ key }) => key)).toEqual(['near']);
});

test('equal scores are in the order of their keys, and negative ones count as nothing', () => {
  const ranked = rank({ sparse: [], dense: [candidate('b', -1), candidate('a', -0.5)] }, request, true);
  expect(ranked.map(({ key, score }) => [key, score])).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
});
