import { pairedDifference, type Difference } from './paired.js';
import { featureNames, ranked, scoreWithout, type ExplainedAnswer } from './rescore.js';
import { FIGURES, type Ranking } from './summary.js';

export interface AblationLine {
  feature: string;
  /** Share of all hits in which it has a value at all. */
  present: number;
  /** R@10 of the ranking by this feature alone. */
  alone: number;
  /** R@10 without the feature. */
  without: number;
  /** R@10 with all features less R@10 without this one: above 0 when the feature helps. */
  gain: Difference;
  gainByCategory: Map<string, number>;
  /** The same of nDCG@10, which also sees who moves within the first ten. */
  ndcgGain: number;
}

/**
 * What each feature is worth, from the contributions that the service explains: hits are ordered again without it.
 * The candidates stay those of all features, so it is a lower bound where a feature also finds candidates.
 */
export function ablate(answers: readonly ExplainedAnswer[]): AblationLine[] {
  const names = featureNames(answers);
  const full = orderWithout(answers, new Set());
  const recalls = full.map(FIGURES['R@10']);
  return names.map((feature) => {
    const others = new Set(names.filter((name) => name !== feature));
    const without = orderWithout(answers, new Set([feature]));
    const recallsWithout = without.map(FIGURES['R@10']);
    return {
      feature,
      present: presence(answers, feature),
      alone: mean(orderWithout(answers, others).map(FIGURES['R@10'])),
      without: mean(recallsWithout),
      gain: pairedDifference(recalls, recallsWithout),
      gainByCategory: byCategory(answers, (index) => (recalls[index] ?? 0) - (recallsWithout[index] ?? 0)),
      ndcgGain: mean(full.map(FIGURES['nDCG@10'])) - mean(without.map(FIGURES['nDCG@10'])),
    };
  });
}

function orderWithout(answers: readonly ExplainedAnswer[], leftOut: ReadonlySet<string>): Ranking[] {
  return answers.map((answer) => ranked(answer, (hit) => scoreWithout(hit, leftOut)));
}

function presence(answers: readonly ExplainedAnswer[], feature: string): number {
  const hits = answers.flatMap((answer) => answer.hits);
  return hits.filter(({ explain }) => (explain[feature]?.value ?? 0) !== 0).length / hits.length;
}

function byCategory(
  answers: readonly ExplainedAnswer[],
  valueOf: (index: number) => number,
): Map<string, number> {
  const values = new Map<string, number[]>();
  for (const [index, { question }] of answers.entries()) {
    const list = values.get(question.category) ?? [];
    list.push(valueOf(index));
    values.set(question.category, list);
  }
  return new Map([...values].sort().map(([category, list]) => [category, mean(list)]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
