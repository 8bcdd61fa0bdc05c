import type { SearchRequest } from '@soma/reads';
import type { Candidate, IndexCandidates } from '@soma/vector-index';
import type { Question } from './question.js';
import type { Surroundings } from './surroundings.js';

/** Everything that features look at, for one search. */
export interface View extends Surroundings {
  question: Question;
  request: Pick<SearchRequest, 'recency'>;
  /** The score by words, divided by the greatest; of candidates that share one with the query. */
  keyword: ReadonlyMap<string, number>;
  /** How far the cosine is on its way from the least among the candidates to the greatest. */
  dense: ReadonlyMap<string, number>;
  /** Which of the query's words a candidate has: places in those of the question. */
  terms: ReadonlyMap<string, readonly number[]>;
  /** Epoch milliseconds, by the store's clock. */
  now: number;
}

export function matchesOf({
  dense,
  sparse,
  about,
}: IndexCandidates): Pick<View, 'keyword' | 'dense' | 'terms'> {
  return {
    keyword: scaled(sparse, 0),
    dense: scaled(dense, least(dense)),
    terms: new Map([...about].map(([key, { terms }]) => [key, terms])),
  };
}

/** What a memory has of its own: its score by words and by meaning. */
export function ownScore(key: string, { keyword, dense }: Pick<View, 'keyword' | 'dense'>): number {
  return (keyword.get(key) ?? 0) + (dense.get(key) ?? 0);
}

/** Scores between `zero`, which says nothing, and the greatest, which is 1. */
function scaled(candidates: Candidate[], zero: number): Map<string, number> {
  const greatest = candidates.reduce((most, { score }) => Math.max(most, score), zero);
  return new Map(
    candidates
      .filter(({ score }) => score > zero)
      .map(({ key, score }) => [key, (score - zero) / (greatest - zero)]),
  );
}

/**
 * Of texts that have nothing to do with each other, some models make vectors with a cosine of .1, others of .8: what
 * the last of the candidates has tells how much that is.
 */
function least(candidates: Candidate[]): number {
  const scores = candidates.map(({ score }) => Math.max(0, score));
  return scores.length < 2 ? 0 : Math.min(...scores);
}
