import type { Sample } from './samples.js';

export interface Loss {
  value: number;
  gradient: Float64Array;
  /** Row by row, symmetric. */
  hessian: Float64Array;
}

/**
 * Cross entropy between what is relevant, each with the same share, and the softmax of the scores (ListNet's top-one
 * loss; Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007), as a mean over the
 * questions; convex in the weights. Questions of which no answer is a candidate teach nothing and are left out.
 *
 * @param sharpness what scores are multiplied by before the softmax
 */
export function listwiseLoss(samples: readonly Sample[], weights: Float64Array, sharpness: number): Loss {
  const size = weights.length;
  const loss = { value: 0, gradient: new Float64Array(size), hessian: new Float64Array(size * size) };
  const teaching = samples.filter(teaches);
  for (const sample of teaching) addLoss(loss, sample, weights, sharpness);
  scale(loss, sharpness, 1 / Math.max(1, teaching.length));
  return loss;
}

function scale(loss: Loss, sharpness: number, mean: number): void {
  const { gradient, hessian } = loss;
  const size = gradient.length;
  loss.value *= mean;
  for (let row = 0; row < size; row += 1) {
    gradient[row] = (gradient[row] ?? 0) * sharpness * mean;
    for (let column = 0; column <= row; column += 1) {
      const curvature = (hessian[row * size + column] ?? 0) * sharpness * sharpness * mean;
      hessian[row * size + column] = curvature;
      hessian[column * size + row] = curvature;
    }
  }
}

export function teaches({ relevant }: Sample): boolean {
  return relevant.includes(1);
}

export function scoresOf(sample: Sample, weights: Float64Array): Float64Array {
  const { candidates, values, fixed } = sample;
  const scores = Float64Array.from(fixed);
  const size = weights.length;
  for (let row = 0; row < candidates; row += 1) {
    let score = fixed[row] ?? 0;
    for (let column = 0; column < size; column += 1)
      score += (values[row * size + column] ?? 0) * (weights[column] ?? 0);
    scores[row] = score;
  }
  return scores;
}

/** Probability of each, and the logarithm of their sum before they were made to add up to 1. */
function softmax(scores: Float64Array, sharpness: number): { shares: Float64Array; logSum: number } {
  const highest = Math.max(...scores) * sharpness;
  const shares = scores.map((score) => Math.exp(score * sharpness - highest));
  const sum = shares.reduce((total, share) => total + share, 0);
  for (const [row, share] of shares.entries()) shares[row] = share / sum;
  return { shares, logSum: highest + Math.log(sum) };
}

/** Without the powers of sharpness, which are the same for all; of the Hessian only the rows up to the diagonal. */
function addLoss(loss: Loss, sample: Sample, weights: Float64Array, sharpness: number): void {
  const { gradient, hessian } = loss;
  const { candidates, values, relevant } = sample;
  const size = weights.length;
  const scores = scoresOf(sample, weights);
  const { shares, logSum } = softmax(scores, sharpness);
  const target = 1 / relevant.reduce((count, is) => count + is, 0);
  const mean = new Float64Array(size);
  for (let row = 0; row < candidates; row += 1) {
    const share = shares[row] ?? 0;
    const wanted = (relevant[row] ?? 0) * target;
    if (wanted > 0) loss.value += wanted * (logSum - (scores[row] ?? 0) * sharpness);
    for (let column = 0; column < size; column += 1) {
      const value = values[row * size + column] ?? 0;
      if (value === 0) continue;
      const weighted = share * value;
      mean[column] = (mean[column] ?? 0) + weighted;
      gradient[column] = (gradient[column] ?? 0) + weighted - wanted * value;
      for (let other = 0; other <= column; other += 1)
        hessian[column * size + other] =
          (hessian[column * size + other] ?? 0) + weighted * (values[row * size + other] ?? 0);
    }
  }
  for (let column = 0; column < size; column += 1)
    for (let other = 0; other <= column; other += 1)
      hessian[column * size + other] =
        (hessian[column * size + other] ?? 0) - (mean[column] ?? 0) * (mean[other] ?? 0);
}
