import { expect, test } from '@jest/globals';
import { ablate } from './ablation.js';
import { explained, unexplained, type ExplainedAnswer } from './rescore.js';

/** Twelve hits, the relevant one last by `noise` and first by `signal`. */
const HITS = Array.from({ length: 12 }, (_, index) =>
  hit(`m${index}`, index === 11 ? 1 : 0, (12 - index) / 20),
);

function hit(coord: string, signal: number, noise: number) {
  const explain = {
    signal: { value: signal, contribution: signal },
    noise: { value: noise, contribution: noise },
    silent: { value: 0, contribution: 0 },
  };
  return { coord, score: signal + noise, explain };
}

const ANSWER: ExplainedAnswer = {
  set: 'one',
  question: { query: 'q', category: 'plain', relevant: ['m11'] },
  hits: HITS,
  tookMs: 1,
  degradedReasons: [],
};

test('a feature is worth what recall loses without it', () => {
  const lines = new Map(ablate([ANSWER, ANSWER]).map((line) => [line.feature, line]));
  expect(lines.get('signal')).toMatchObject({
    alone: 1,
    without: 0,
    gain: { mean: 1, margin: 0 },
    ndcgGain: 1,
  });
  expect(lines.get('noise')).toMatchObject({ alone: 0, without: 1, gain: { mean: 0 } });
  expect(lines.get('signal')?.present).toBeCloseTo(1 / 12);
  expect(lines.get('signal')?.gainByCategory).toEqual(new Map([['plain', 1]]));
});

test('a feature that says nothing does not keep the order of the others', () => {
  const worst = { ...ANSWER, hits: [...HITS].reverse() };
  const silent = (answer: ExplainedAnswer) => ablate([answer]).find(({ feature }) => feature === 'silent');
  expect(silent(worst)?.alone).toBe(silent(ANSWER)?.alone);
});

test('scores that are not the sum of their contributions are told', () => {
  expect(unexplained([ANSWER])).toBeCloseTo(0, 12);
  expect(
    unexplained([{ ...ANSWER, hits: HITS.map((hit) => ({ ...hit, score: hit.score + 2 })) }]),
  ).toBeCloseTo(2, 12);
});

test('hits without an explanation are refused', () => {
  expect(() => explained([{ ...ANSWER, hits: [{ coord: 'a', score: 1 }] }])).toThrow(RangeError);
});
