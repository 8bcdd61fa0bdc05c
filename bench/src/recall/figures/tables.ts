import Table from 'cli-table3';
import type { AblationLine } from './ablation.js';
import { FIGURES, type SummaryLine } from './summary.js';

const NAMES = Object.keys(FIGURES) as (keyof typeof FIGURES)[];

export function summaryTable(title: string, lines: readonly SummaryLine[]): string {
  const table = new Table({
    head: [title, 'questions', ...NAMES],
    colAligns: ['left', 'right', ...NAMES.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { label, questions, figures } of lines)
    table.push([label, questions, ...NAMES.map((name) => share(figures[name]))]);
  return table.toString();
}

/** R@10 with and without each feature, and what it brings in nDCG@10 and, at the right, in R@10 by category. */
export function ablationTable(lines: readonly AblationLine[]): string {
  const categories = [...(lines[0]?.gainByCategory.keys() ?? [])];
  const head = ['feature', 'present', 'alone', 'without', 'gain', '±', 'nDCG', ...categories];
  const table = new Table({
    head,
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const { feature, present, alone, without, gain, ndcgGain, gainByCategory } of lines) {
    const byCategory = categories.map((category) => share(gainByCategory.get(category) ?? 0));
    table.push([
      feature,
      `${Math.round(present * 100)} %`,
      ...[alone, without, gain.mean, gain.margin, ndcgGain].map(share),
      ...byCategory,
    ]);
  }
  return table.toString();
}

/** As papers write it: `.634`; never `-.000`. */
export function share(value: number): string {
  return value
    .toFixed(3)
    .replace(/^-0\.000$/, '0.000')
    .replace(/^(-?)0\./, '$1.');
}
