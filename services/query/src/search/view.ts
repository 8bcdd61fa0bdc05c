import type { SearchRequest } from '@soma/reads';
import type { Candidate, IndexCandidates } from '@soma/vector-index';
import type { Question } from './question.js';
import type { Surroundings } from './surroundings.js';

/** Everything that features look at, for one search. */
export interface View extends Surroundings {
  question: Question;
  request: Pick<SearchRequest, 'recency'>;
  /** The score by words, divided by the greatest; of candidates that share one. */
  keyword: ReadonlyMap<string, number>;
  /** The cosine, divided by the greatest; of candidates that have one above 0. */
  dense: ReadonlyMap<string, number>;
  /** Epoch milliseconds, by the store's clock. */
  now: number;
}

export function scoresOf({ dense, sparse }: IndexCandidates): Pick<View, 'keyword' | 'dense'> {
  return { keyword: normalised(sparse), dense: normalised(dense) };
}

/** What a memory has of its own: its score by words and by meaning. */
export function ownScore(key: string, { keyword, dense }: Pick<View, 'keyword' | 'dense'>): number {
  return (keyword.get(key) ?? 0) + (dense.get(key) ?? 0);
}

/** Scores divided by the greatest; what is not above 0 says nothing. */
function normalised(candidates: Candidate[]): Map<string, number> {
  const greatest = candidates.reduce((most, { score }) => Math.max(most, score), 0);
  return new Map(
    candidates.filter(({ score }) => score > 0).map(({ key, score }) => [key, score / greatest]),
  );
}
