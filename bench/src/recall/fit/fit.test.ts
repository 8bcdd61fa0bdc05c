import { expect, test } from '@jest/globals';
import { fit } from './fit.js';
import { foldsOf } from './folds.js';
import { syntheticSamples, type SyntheticOptions } from './synthetic-samples.js';
import { judge } from './verdict.js';
import { weightsFile } from './weights-file.js';

const OPTIONS: SyntheticOptions = {
  sets: 4,
  questionsPerSet: 30,
  candidates: 100,
  truth: [1, 0.25, -0.5, 0],
  present: [1, 1, 0, 1],
  noise: 0.2,
  seed: 11,
};

test('recovers the weights that the judgements follow', () => {
  const { features, verdict } = fit(syntheticSamples(OPTIONS));
  const [first = NaN, ...others] = features.map(({ fitted }) => fitted);
  // Only their ratios order anything.
  for (const [index, weight] of others.entries())
    expect(weight / first).toBeCloseTo(OPTIONS.truth[index + 1] ?? NaN, 0.5);
  expect(verdict.refusal).toBeUndefined();
  expect(verdict.after).toBeGreaterThan(verdict.before);
});

test.each([1, 2, 3, 4])('refuses weights learned from noise (%d)', (seed) => {
  const noise = syntheticSamples({ ...OPTIONS, truth: [0, 0, 0, 0], noise: 1, seed });
  expect(fit(noise).verdict.refusal).toBeDefined();
});

test('refuses to move weights that are right already', () => {
  const { verdict, features } = fit(syntheticSamples({ ...OPTIONS, present: OPTIONS.truth }));
  expect(verdict.refusal).toBeDefined();
  for (const [index, { fitted }] of features.entries())
    expect(fitted).toBeCloseTo(OPTIONS.truth[index] ?? NaN, 0.5);
});

test('a large set does not pay with the small ones', () => {
  const large = Array.from({ length: 200 }, () => ({ set: 'large', before: 0.4, after: 0.5 }));
  const small = (set: string) => Array.from({ length: 5 }, () => ({ set, before: 0.5, after: 0.2 }));
  expect(judge([...large, ...small('a'), ...small('b')]).refusal).toMatch('others lose');
  expect(judge(large).refusal).toBeUndefined();
});

test('a gain that may be chance is refused', () => {
  const questions = [1, 0, 0, 0, 0, 0].map((after) => ({ set: 'one', before: 0, after }));
  expect(judge(questions).refusal).toMatch('chance');
});

test('a set is never trained on while it is held out', () => {
  const { samples } = syntheticSamples(OPTIONS);
  for (const most of [2, Infinity]) {
    const folds = foldsOf(samples, most);
    expect(folds.flatMap(({ heldOut }) => heldOut)).toHaveLength(samples.length);
    for (const { heldOut, training } of folds) {
      const trained = new Set(training.map(({ set }) => set));
      expect(heldOut.some(({ set }) => trained.has(set))).toBe(false);
      expect(heldOut.length + training.length).toBe(samples.length);
    }
  }
});

test('the questions of a single set are divided', () => {
  expect(foldsOf(syntheticSamples({ ...OPTIONS, sets: 1 }).samples, Infinity)).toHaveLength(5);
});

test('the file has the weights by name and the figures they are owed to', () => {
  const file = weightsFile(fit(syntheticSamples(OPTIONS)));
  expect(file.version).toBe(1);
  expect(Object.keys(file.weights)).toEqual(['feature-0', 'feature-1', 'feature-2', 'feature-3']);
  expect(file.figures.sets.map(({ set }) => set)).toEqual(['set-0', 'set-1', 'set-2', 'set-3']);
  expect(file.figures.recall_at_10.gain).toBeGreaterThan(file.figures.recall_at_10.margin_95);
});
