import { figuresOfSample } from './figures-of-sample.js';
import { foldsOf } from './folds.js';
import { learner } from './learn.js';
import type { Sample, Samples } from './samples.js';

/** From strong to weak: with the first the present weights hardly move. */
const L2_STEPS = [3, 1, 0.3, 0.1, 0.03, 0.01] as const;

/** Within the training data so many folds choose the strength of L2: more cost time and choose no better. */
const INNER_FOLDS = 3;

/** R@10 of one question. */
export interface OutOfSample {
  set: string;
  before: number;
  after: number;
}

/**
 * Every question by the present weights, and by weights learned without its set. The strength of L2 is chosen anew
 * within each training data, so nothing of a set reaches the weights it is measured with.
 */
export function measureOutOfSample({ samples, weights }: Samples): {
  questions: OutOfSample[];
  /** Weights of each fold: how far they differ is how far they can be trusted. */
  foldWeights: Float64Array[];
} {
  const questions: OutOfSample[] = [];
  const foldWeights: Float64Array[] = [];
  for (const { heldOut, training } of foldsOf(samples, Infinity)) {
    const learned = learner(training, weights)(chooseL2(training, weights));
    foldWeights.push(learned);
    for (const sample of heldOut) {
      questions.push({
        set: sample.set,
        before: figuresOfSample(sample, weights).recall,
        after: figuresOfSample(sample, learned).recall,
      });
    }
  }
  return { questions, foldWeights };
}

/** The strength with the best nDCG@10, which tells finer than recall, on data left out; of equal ones the strongest. */
export function chooseL2(samples: readonly Sample[], present: Float64Array): number {
  const quality = L2_STEPS.map(() => 0);
  for (const { heldOut, training } of foldsOf(samples, INNER_FOLDS)) {
    const learn = learner(training, present);
    let weights = present;
    for (const [index, l2] of L2_STEPS.entries()) {
      weights = learn(l2, weights);
      for (const sample of heldOut)
        quality[index] = (quality[index] ?? 0) + figuresOfSample(sample, weights).ndcg;
    }
  }
  return L2_STEPS[quality.indexOf(Math.max(...quality))] ?? L2_STEPS[0];
}
