import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { listwiseLoss } from './listwise-loss.js';
import { syntheticSamples } from './synthetic-samples.js';

const OPTIONS = { sets: 1, questionsPerSet: 3, candidates: 5, truth: [1, 0.5], present: [1, 1], noise: 0.3 };
const STEP = 1e-5;

test('gradient and Hessian are the slopes of what they belong to', () => {
  const weight = fc.double({ min: -2, max: 2, noNaN: true });
  const sharpness = fc.double({ min: 0.5, max: 5, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), weight, weight, sharpness, (seed, first, second, sharp) => {
      const { samples } = syntheticSamples({ ...OPTIONS, seed });
      const at = (x: number, y: number) => listwiseLoss(samples, Float64Array.of(x, y), sharp);
      const { gradient, hessian } = at(first, second);
      const [more, less] = [at(first + STEP, second), at(first - STEP, second)];
      expect(gradient[0]).toBeCloseTo((more.value - less.value) / (2 * STEP), 4);
      for (const column of [0, 1]) {
        const slope = ((more.gradient[column] ?? 0) - (less.gradient[column] ?? 0)) / (2 * STEP);
        expect(hessian[column]).toBeCloseTo(slope, 4);
      }
    }),
  );
});

test('equal scores cost the logarithm of the number of candidates', () => {
  const { samples } = syntheticSamples({ ...OPTIONS, seed: 7 });
  expect(listwiseLoss(samples, Float64Array.of(0, 0), 1).value).toBeCloseTo(Math.log(5), 12);
});

test('questions of which no answer is a candidate teach nothing', () => {
  const { samples } = syntheticSamples({ ...OPTIONS, seed: 7 });
  const lost = samples.map((sample) => ({ ...sample, relevant: new Uint8Array(5) }));
  const weights = Float64Array.of(1, 1);
  expect(listwiseLoss([...samples, ...lost], weights, 1)).toEqual(listwiseLoss(samples, weights, 1));
});
