import { expect, test } from '@jest/globals';
import type { ExplainedAnswer } from '../figures/rescore.js';
import { samplesOf } from './samples.js';

function answer(explains: ExplainedAnswer['hits'][number]['explain'][]): ExplainedAnswer {
  return {
    set: 'one',
    question: { query: 'q', category: 'plain', relevant: ['m1', 'missing'] },
    hits: explains.map((explain, index) => ({ coord: `m${index}`, score: 0, explain })),
    tookMs: 1,
    degradedReasons: [],
  };
}

test('weights are read off the contributions; what has no single weight stays as it is', () => {
  const { features, weights, fixed, samples } = samplesOf([
    answer([
      { keyword: part(1, 1), question: part(1, -0.25), recency: part(2, 1), silent: part(0, 0) },
      { keyword: part(0.5, 0.5), recency: part(1, 0.9) },
    ]),
  ]);
  expect(features).toEqual(['keyword', 'question']);
  expect([...weights]).toEqual([1, -0.25]);
  expect(fixed).toEqual(['recency', 'silent']);
  expect(samples).toEqual([
    {
      set: 'one',
      wanted: 2,
      candidates: 2,
      values: Float64Array.of(1, 1, 0.5, 0),
      fixed: Float64Array.of(1, 0.9),
      relevant: Uint8Array.of(0, 1),
    },
  ]);
});

test('a feature of weight 0 can be given one', () => {
  expect(samplesOf([answer([{ dense: part(0.4, 0) }])]).features).toEqual(['dense']);
});

function part(value: number, contribution: number) {
  return { value, contribution };
}
