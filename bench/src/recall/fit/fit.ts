import { learner } from './learn.js';
import { chooseL2, measureOutOfSample } from './out-of-sample.js';
import type { Samples } from './samples.js';
import { judge, type Verdict } from './verdict.js';

export interface FittedFeature {
  name: string;
  present: number;
  fitted: number;
  /** Least and most over the folds. */
  range: [number, number];
}

export interface Fit {
  l2: number;
  features: FittedFeature[];
  verdict: Verdict;
}

/** Learns from all samples, and judges by what the same way of learning brings on sets it has not seen. */
export function fit(samples: Samples): Fit {
  const { questions, foldWeights } = measureOutOfSample(samples);
  const sized = (weights: Float64Array) =>
    movesFreely(samples) ? sizedAs(samples.weights, weights) : weights;
  const l2 = chooseL2(samples.samples, samples.weights);
  const fitted = sized(learner(samples.samples, samples.weights)(l2));
  const features = samples.features.map((name, index) => {
    const overFolds = foldWeights.map((weights) => sized(weights)[index] ?? 0);
    return {
      name,
      present: samples.weights[index] ?? 0,
      fitted: fitted[index] ?? 0,
      range: [Math.min(...overFolds), Math.max(...overFolds)] as [number, number],
    };
  });
  return { l2, features, verdict: judge(questions) };
}

/** Whether the ratios of the weights are all that orders: nothing is added that was not fitted. */
function movesFreely({ samples }: Samples): boolean {
  return samples.every(({ fixed }) => fixed.every((contribution) => contribution === 0));
}

/** In the size of the present ones, so that what a search adds to scores (recency, importance) weighs as before. */
function sizedAs(present: Float64Array, weights: Float64Array): Float64Array {
  const size = (of: Float64Array) => of.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const factor = size(present) / size(weights);
  return weights.map((weight) => weight * factor);
}
