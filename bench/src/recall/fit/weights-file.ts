import type { Fit } from './fit.js';

/** What a service reads its weights from, with the figures they are owed to. */
export interface WeightsFile {
  version: 1;
  weights: Record<string, number>;
  figures: {
    /** All out of sample. */
    recall_at_10: { present: number; fitted: number; gain: number; margin_95: number };
    sets: { set: string; questions: number; present: number; fitted: number }[];
    l2: number;
  };
}

export function weightsFile({ features, l2, verdict }: Fit): WeightsFile {
  return {
    version: 1,
    weights: Object.fromEntries(features.map(({ name, fitted }) => [name, rounded(fitted)])),
    figures: {
      recall_at_10: {
        present: rounded(verdict.before),
        fitted: rounded(verdict.after),
        gain: rounded(verdict.difference.mean),
        margin_95: rounded(verdict.difference.margin),
      },
      sets: verdict.bySet.map(({ set, questions, before, after }) => ({
        set,
        questions,
        present: rounded(before),
        fitted: rounded(after),
      })),
      l2,
    },
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
