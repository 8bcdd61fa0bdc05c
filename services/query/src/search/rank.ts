import type { SearchRequest } from '@soma/reads';
import type { IndexCandidates } from '@soma/vector-index';
import { FEATURES } from './features/index.js';
import type { View } from './view.js';
import type { Weights } from './weights.js';

export interface Ranked {
  key: string;
  score: number;
  /** Cosine of the candidate; null when it has none. */
  similarity: number | null;
  /** What it owes to each feature; null when the request does not ask for it. */
  explain: Record<string, { value: number; contribution: number }> | null;
}

/** The weighted sum of all features, best first, ties by key. */
export function rank(
  keys: readonly string[],
  candidates: Pick<IndexCandidates, 'dense'>,
  view: View,
  request: SearchRequest,
  weights: Weights,
): Ranked[] {
  const counting = countingWeights(request, weights);
  const features = FEATURES.filter(({ name }) => counting[name] !== 0).map(({ name, of }) => ({
    name,
    weight: counting[name],
    valueOf: of(view),
  }));
  const cosines = new Map(candidates.dense.map(({ key, score }) => [key, score]));
  const ranked: Ranked[] = [];
  for (const key of keys) {
    const similarity = cosines.get(key) ?? null;
    if (request.min_similarity !== null && (similarity ?? -1) < request.min_similarity) continue;
    const explain: Ranked['explain'] = request.explain ? {} : null;
    const fact = view.facts.get(key);
    let score = 0;
    for (const { name, weight, valueOf } of features) {
      const value = valueOf(key, fact);
      const contribution = value * weight;
      if (explain !== null) explain[name] = { value, contribution };
      score += contribution;
    }
    ranked.push({ key, similarity, explain, score });
  }
  return ranked.sort((left, right) => right.score - left.score || (left.key < right.key ? -1 : 1));
}

type FeatureName = (typeof FEATURES)[number]['name'];

/** "dense" and "keyword" go by that score alone; what the request itself weighs counts in every mode. */
function countingWeights(
  { mode, recency, importance_weight: importance }: SearchRequest,
  weights: Weights,
): Record<FeatureName, number> {
  const asked = { recency: recency?.weight ?? 0, importance };
  if (mode === 'hybrid') return { ...weights, ...asked };
  const none = Object.fromEntries(FEATURES.map(({ name }) => [name, 0])) as Record<FeatureName, number>;
  return { ...none, ...asked, keyword: 1, dense: 1 };
}
