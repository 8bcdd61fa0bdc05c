import { ndcgAt, recallAt } from '../figures/relevance.js';
import { scoresOf } from './listwise-loss.js';
import type { Sample } from './samples.js';

const K = 10;

/** R@10 and nDCG@10 of the candidates in the order of these weights; equal scores stay in the order of the answer. */
export function figuresOfSample(sample: Sample, weights: Float64Array): { recall: number; ndcg: number } {
  const scores = scoresOf(sample, weights);
  const order = Array.from(scores.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const wanted = wantedRows(sample);
  return { recall: recallAt(K, order, wanted), ndcg: ndcgAt(K, order, wanted) };
}

/** Rows of the candidates that answer the question; negative numbers for the answers that are no candidates. */
function wantedRows({ relevant, wanted }: Sample): number[] {
  const rows = Array.from(relevant.keys()).filter((row) => relevant[row] === 1);
  return [...rows, ...Array.from({ length: wanted - rows.length }, (_, index) => -1 - index)];
}
