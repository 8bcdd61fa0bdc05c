import { expect, test } from '@jest/globals';
import { learner } from './learn.js';
import { syntheticSamples } from './synthetic-samples.js';

const { samples, weights: present } = syntheticSamples({
  sets: 1,
  questionsPerSet: 40,
  candidates: 20,
  truth: [1, -0.5],
  present: [1, 1],
  noise: 0.3,
  seed: 3,
});
const learn = learner(samples, present);

test('the stronger L2, the nearer the present weights', () => {
  const distances = [100, 1, 0.1].map((l2) =>
    Math.hypot(...learn(l2).map((weight, index) => weight - (present[index] ?? 0))),
  );
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(distances[0]).toBeLessThan(0.05);
  expect(distances[2]).toBeGreaterThan(0.5);
});

test('where the search begins makes no difference', () => {
  const [first = NaN, second = NaN] = learn(0.3);
  const [again, other] = learn(0.3, Float64Array.of(-1, 2));
  expect(again).toBeCloseTo(first, 2);
  expect(other).toBeCloseTo(second, 2);
});
