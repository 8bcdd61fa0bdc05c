import type { Question } from '../judged/judged-set.js';
import { hitAt, ndcgAt, recallAt } from './relevance.js';

/** Coords in the order of an answer, beside the question. */
export interface Ranking {
  question: Question;
  coords: string[];
}

export const FIGURES = {
  'R@5': ({ coords, question }: Ranking) => recallAt(5, coords, question.relevant),
  'R@10': ({ coords, question }: Ranking) => recallAt(10, coords, question.relevant),
  'R@20': ({ coords, question }: Ranking) => recallAt(20, coords, question.relevant),
  'hit@10': ({ coords, question }: Ranking) => hitAt(10, coords, question.relevant),
  'nDCG@10': ({ coords, question }: Ranking) => ndcgAt(10, coords, question.relevant),
};

export type Figures = Record<keyof typeof FIGURES, number>;

export interface SummaryLine {
  label: string;
  questions: number;
  figures: Figures;
}

/** Means over the questions of each group, by name, and over all of them: every question counts the same. */
export function summarise<T extends Ranking>(
  rankings: readonly T[],
  groupOf: (ranking: T) => string,
): SummaryLine[] {
  const groups = [...new Set(rankings.map(groupOf))].sort();
  return [
    ...groups.map((group) =>
      lineOf(
        group,
        rankings.filter((ranking) => groupOf(ranking) === group),
      ),
    ),
    lineOf('all', rankings),
  ];
}

function lineOf(label: string, rankings: readonly Ranking[]): SummaryLine {
  return { label, questions: rankings.length, figures: meanFigures(rankings) };
}

export function meanFigures(rankings: readonly Ranking[]): Figures {
  const mean = (figure: (ranking: Ranking) => number) =>
    rankings.reduce((sum, ranking) => sum + figure(ranking), 0) / rankings.length;
  return Object.fromEntries(Object.entries(FIGURES).map(([name, figure]) => [name, mean(figure)])) as Figures;
}
