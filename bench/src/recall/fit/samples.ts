import type { ExplainedAnswer } from '../figures/rescore.js';
import { presentWeights } from './present-weights.js';

/** One question with its candidates, as numbers. */
export interface Sample {
  /** Name of the set it is of. */
  set: string;
  /** Memories that answer it, found or not: what recall is a share of. */
  wanted: number;
  candidates: number;
  /** Row by row, one number for each feature: candidates × features. */
  values: Float64Array;
  /** What the features that are not fitted contribute, by candidate. */
  fixed: Float64Array;
  /** 1 for a candidate that answers the question. */
  relevant: Uint8Array;
}

export interface Samples {
  /** The features whose weights are fitted. */
  features: string[];
  /** As the service has them now, in the order of the features. */
  weights: Float64Array;
  /** Features that stay as they are: their contribution is no multiple of their value, or never anything. */
  fixed: string[];
  samples: Sample[];
}

export function samplesOf(answers: readonly ExplainedAnswer[]): Samples {
  const { weights, fixed } = presentWeights(answers);
  const features = [...weights.keys()];
  return {
    features,
    weights: Float64Array.from(weights.values()),
    fixed,
    samples: answers.map((answer) => sampleOf(answer, features, fixed)),
  };
}

function sampleOf(
  { set, question, hits }: ExplainedAnswer,
  features: readonly string[],
  fixed: readonly string[],
): Sample {
  const wanted = new Set(question.relevant);
  return {
    set,
    wanted: wanted.size,
    candidates: hits.length,
    values: Float64Array.from(
      hits.flatMap(({ explain }) => features.map((name) => explain[name]?.value ?? 0)),
    ),
    fixed: Float64Array.from(hits, ({ explain }) =>
      fixed.reduce((sum, name) => sum + (explain[name]?.contribution ?? 0), 0),
    ),
    relevant: Uint8Array.from(hits, ({ coord }) => (wanted.has(coord) ? 1 : 0)),
  };
}
