import { listwiseLoss, scoresOf, teaches } from './listwise-loss.js';
import { minimise, type Convex } from './newton.js';
import type { Sample } from './samples.js';

/**
 * Learns the weights that explain the judgements best, held back towards the present ones by `l2` times the squared
 * distance. `start` is where the search begins: the weights of another `l2`, when there are some.
 */
export function learner(
  samples: readonly Sample[],
  present: Float64Array,
): (l2: number, start?: Float64Array) => Float64Array {
  const teaching = samples.filter(teaches);
  const sharpness = bestSharpness(teaching, present);
  return (l2, start = present) =>
    minimise((weights) => held(listwiseLoss(teaching, weights, sharpness), weights, present, l2), start);
}

function held(loss: Convex, weights: Float64Array, present: Float64Array, l2: number): Convex {
  const size = weights.length;
  for (let index = 0; index < size; index += 1) {
    const distance = (weights[index] ?? 0) - (present[index] ?? 0);
    loss.value += l2 * distance * distance;
    loss.gradient[index] = (loss.gradient[index] ?? 0) + 2 * l2 * distance;
    loss.hessian[index * size + index] = (loss.hessian[index * size + index] ?? 0) + 2 * l2;
  }
  return loss;
}

/** Keeps the one unknown strictly convex, and finite where the order is already perfect. */
const SHARPNESS_L2 = 1e-4;

/**
 * How sure the present scores may be of themselves: scores order and have no unit, the softmax wants one. Found once
 * for the present weights and then kept, so that learning changes the order and not the certainty.
 */
function bestSharpness(samples: readonly Sample[], present: Float64Array): number {
  const scored = samples.map((sample) => ({
    ...sample,
    values: scoresOf(sample, present),
    fixed: new Float64Array(sample.candidates),
  }));
  const nothing = new Float64Array(1);
  const [sharpness = 1] = minimise(
    (weights) => held(listwiseLoss(scored, weights, 1), weights, nothing, SHARPNESS_L2),
    Float64Array.of(1),
  );
  return Math.max(sharpness, 1e-3);
}
