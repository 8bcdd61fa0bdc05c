import Table from 'cli-table3';
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

/** As papers write it: `.634`. */
export function share(value: number): string {
  return value.toFixed(3).replace(/^(-?)0\./, '$1.');
}
