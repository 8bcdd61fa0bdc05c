import type { Sample } from './samples.js';

export interface Fold {
  /** What is left out of the training. */
  heldOut: Sample[];
  training: Sample[];
}

/** With one set alone its questions are divided. */
const QUESTION_FOLDS = 5;

/** By sets, several to a fold when there are more than `most`; by questions when there is one set only. */
export function foldsOf(samples: readonly Sample[], most: number): Fold[] {
  const sets = [...new Set(samples.map(({ set }) => set))];
  const count = Math.min(most, sets.length === 1 ? QUESTION_FOLDS : sets.length);
  const foldOf = (sample: Sample, index: number) =>
    (sets.length === 1 ? index : sets.indexOf(sample.set)) % count;
  return Array.from({ length: count }, (_, fold) => ({
    heldOut: samples.filter((sample, index) => foldOf(sample, index) === fold),
    training: samples.filter((sample, index) => foldOf(sample, index) !== fold),
  }));
}
