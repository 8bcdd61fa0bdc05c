import { pairedDifference, type Difference } from '../figures/paired.js';
import type { OutOfSample } from './out-of-sample.js';

export interface SetRecall {
  set: string;
  questions: number;
  before: number;
  after: number;
}

export interface Verdict {
  before: number;
  after: number;
  difference: Difference;
  bySet: SetRecall[];
  /** Why the weights are not to be used; undefined when they are better out of sample. */
  refusal: string | undefined;
}

/**
 * Weights are better when the 95 % interval of the gain over all questions lies above 0, and the mean over the sets
 * rises too: a large set must not pay with the small ones.
 */
export function judge(questions: readonly OutOfSample[]): Verdict {
  const before = questions.map((question) => question.before);
  const after = questions.map((question) => question.after);
  const difference = pairedDifference(after, before);
  const bySet = [...new Set(questions.map(({ set }) => set))].map((set) =>
    setRecall(
      set,
      questions.filter((question) => question.set === set),
    ),
  );
  return {
    before: mean(before),
    after: mean(after),
    difference,
    bySet,
    refusal: refusalOf(difference, mean(bySet.map((set) => set.after - set.before))),
  };
}

function refusalOf({ mean, margin }: Difference, meanOverSets: number): string | undefined {
  if (mean <= 0) return 'the fitted weights are no better than the present ones';
  if (mean <= margin) return 'the gain may be chance: its 95 % interval reaches below 0';
  if (meanOverSets <= 0) return 'what large sets gain, the others lose';
  return undefined;
}

function setRecall(set: string, questions: readonly OutOfSample[]): SetRecall {
  return {
    set,
    questions: questions.length,
    before: mean(questions.map(({ before }) => before)),
    after: mean(questions.map(({ after }) => after)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
