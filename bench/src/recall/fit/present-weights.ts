import { featureNames, type ExplainedAnswer } from '../figures/rescore.js';

/** Rounding in the answers. */
const TOLERANCE = 1e-4;

/** The weight of each feature, read off the contributions; apart from them those that have no single weight. */
export function presentWeights(answers: readonly ExplainedAnswer[]): {
  weights: Map<string, number>;
  fixed: string[];
} {
  const weights = new Map<string, number>();
  const fixed: string[] = [];
  for (const name of featureNames(answers)) {
    const weight = weightOf(name, answers);
    if (weight === undefined) fixed.push(name);
    else weights.set(name, weight);
  }
  return { weights, fixed };
}

/** Of the largest value, where rounding weighs least; undefined when another hit contradicts it. */
function weightOf(name: string, answers: readonly ExplainedAnswer[]): number | undefined {
  const seen = answers
    .flatMap(({ hits }) => hits.map(({ explain }) => explain[name] ?? { value: 0, contribution: 0 }))
    .filter(({ value, contribution }) => value !== 0 || contribution !== 0);
  let largest = { value: 0, contribution: 0 };
  for (const one of seen) if (Math.abs(one.value) > Math.abs(largest.value)) largest = one;
  if (largest.value === 0) return undefined;
  const weight = largest.contribution / largest.value;
  const agrees = seen.every(
    ({ value, contribution }) =>
      Math.abs(contribution - value * weight) <= TOLERANCE * Math.max(1, Math.abs(weight)),
  );
  return agrees ? weight : undefined;
}
