import { analyze, type AnalyzeOptions } from './analyze.js';
import { termId } from './term-id.js';

/** Term ids (uint32) ascending, and the weight of each. */
export interface SparseVector {
  indices: number[];
  values: number[];
}

/**
 * BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), split in two: the document's
 * vector holds the saturated, length-normalized frequency, and the index multiplies by idf when it searches.
 */
const K1 = 0.6;
const B = 0.3;
/**
 * Terms of a text of usual length. Fixed, where BM25 takes the collection's average, so that a weight never depends
 * on other documents and never has to be computed again.
 */
export const REFERENCE_LENGTH = 64;

/** What is stored of a text: each term's BM25 weight without idf, between 0 and 1.6. */
export function documentVector(text: string, options: AnalyzeOptions = {}): SparseVector {
  const terms = analyze(text, options);
  const norm = K1 * (1 - B + (B * terms.length) / REFERENCE_LENGTH);
  return vectorOf(terms, (count) => (count * (K1 + 1)) / (count + norm));
}

/** What is asked of a query: how often each term is in it, but for the terms of `without`. */
export function queryVector(
  text: string,
  { without = '', ...options }: AnalyzeOptions & { without?: string } = {},
): SparseVector {
  const left = new Set(analyze(without, options));
  const terms = analyze(text, options).filter((term) => !left.has(term));
  return vectorOf(terms, (count) => count);
}

/** Terms that share an id count as one term. */
function vectorOf(terms: string[], weigh: (count: number) => number): SparseVector {
  const counts = new Map<number, number>();
  for (const term of terms) {
    const id = termId(term);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const indices = [...counts.keys()].sort((a, b) => a - b);
  return { indices, values: indices.map((id) => weigh(counts.get(id) ?? 0)) };
}
