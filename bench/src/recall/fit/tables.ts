import Table from 'cli-table3';
import { share } from '../figures/tables.js';
import type { FittedFeature } from './fit.js';
import type { Verdict } from './verdict.js';

const STYLE = { head: [], border: [], compact: true };

export function weightsTable(features: readonly FittedFeature[]): string {
  const table = new Table({
    head: ['feature', 'weight now', 'fitted', 'over the folds'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: STYLE,
  });
  for (const { name, present, fitted, range } of features)
    table.push([
      name,
      present.toFixed(3),
      fitted.toFixed(3),
      range.map((weight) => weight.toFixed(3)).join(' … '),
    ]);
  return table.toString();
}

export function verdictTable({ before, after, bySet }: Verdict): string {
  const table = new Table({
    head: ['R@10 out of sample', 'questions', 'weights now', 'fitted', 'gain'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: STYLE,
  });
  const questions = bySet.reduce((sum, set) => sum + set.questions, 0);
  for (const line of [...bySet, { set: 'all', questions, before, after }])
    table.push([
      line.set,
      line.questions,
      share(line.before),
      share(line.after),
      share(line.after - line.before),
    ]);
  return table.toString();
}
