import type { SearchRequest } from '@soma/reads';
import type { Candidate, IndexCandidates } from '@soma/vector-index';

export interface Ranked {
  key: string;
  score: number;
  /** Cosine of the candidate; null when it was found by its words only. */
  similarity: number | null;
  features: Record<string, { value: number; contribution: number }>;
}

/**
 * The sum of both scores, each divided by its maximum: on judged conversations this beats reciprocal rank fusion and
 * either score alone. A hash embedder carries no meaning, so it counts only when asked for by mode "dense".
 */
export function rank(candidates: IndexCandidates, request: SearchRequest, semantic: boolean): Ranked[] {
  const keyword = normalised(candidates.sparse);
  const dense = normalised(candidates.dense);
  const cosine = new Map(candidates.dense.map(({ key, score }) => [key, score]));
  const denseWeight = semantic || request.mode === 'dense' ? 1 : 0;
  const keywordWeight = request.mode === 'dense' && candidates.dense.length > 0 ? 0 : 1;
  const ranked: Ranked[] = [];
  for (const key of new Set([...keyword.keys(), ...dense.keys()])) {
    const similarity = cosine.get(key) ?? null;
    if (request.min_similarity !== null && (similarity ?? -1) < request.min_similarity) continue;
    const features = {
      keyword: feature(keyword.get(key) ?? 0, keywordWeight),
      dense: feature(dense.get(key) ?? 0, denseWeight),
    };
    ranked.push({
      key,
      similarity,
      features,
      score: features.keyword.contribution + features.dense.contribution,
    });
  }
  return ranked.sort((left, right) => right.score - left.score || (left.key < right.key ? -1 : 1));
}

function feature(value: number, weight: number): { value: number; contribution: number } {
  return { value, contribution: value * weight };
}

/** Scores divided by their maximum; what is not above 0 says nothing and counts 0. */
function normalised(candidates: Candidate[]): Map<string, number> {
  const maximum = Math.max(0, ...candidates.map(({ score }) => score));
  return new Map(candidates.map(({ key, score }) => [key, maximum > 0 ? Math.max(0, score) / maximum : 0]));
}
