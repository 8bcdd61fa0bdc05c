import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { percentile } from '../percentile.js';
import { ANSWER_OPTIONS, answersOf } from './ask/answers.js';
import type { Answer } from './ask/ask-set.js';
import { callersPath } from './ask/callers-path.js';
import { ablate } from './figures/ablation.js';
import { explained, unexplained } from './figures/rescore.js';
import { summarise } from './figures/summary.js';
import { ablationTable, summaryTable } from './figures/tables.js';
import { ablationChart } from './plot/ablation-chart.js';
import { categoryChart } from './plot/category-chart.js';
import { plot } from './plot/plot.js';

/*
 * npm run recall:eval -- --data FILE… [--url http://…] [--ablate] [--plot FILE.svg]: loads judged memories through the
 * REST API, asks every question, and prints how much of what is relevant is among the first. docs/recall.md tells the
 * rest.
 */

/** Candidates that an ablation orders again. */
const ABLATED = 100;
const SHOWN = 20;
/** Rounding of the contributions. */
const TOLERANCE = 1e-6;

try {
  await evaluate();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function evaluate(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...ANSWER_OPTIONS,
      ablate: { type: 'boolean', default: false },
      plot: { type: 'string' },
    },
  });
  const explain = values.ablate || values.save !== undefined;
  const answers = await answersOf(
    { ...values, data: [...values.data, ...positionals] },
    { topK: explain ? ABLATED : SHOWN, explain },
  );
  const rankings = answers.map((answer) => ({ ...answer, coords: answer.hits.map(({ coord }) => coord) }));
  const bySet = summarise(rankings, ({ set }) => set);
  const byCategory = summarise(rankings, ({ question }) => question.category);
  // One set and the line of all.
  if (bySet.length > 2) console.log(summaryTable('set', bySet));
  console.log(summaryTable('category', byCategory));
  console.log(serviceLine(answers));
  const charts = [categoryChart(byCategory)];
  if (values.ablate) {
    const lines = ablate(explained(answers));
    console.log(ablationTable(lines));
    const most = unexplained(explained(answers));
    if (most > TOLERANCE)
      console.log(`Scores differ from the sum of their contributions by up to ${most.toPrecision(2)}`);
    charts.push(ablationChart(lines));
  }
  if (values.plot !== undefined) await writeFile(callersPath(values.plot), plot('Recall', charts));
}

function serviceLine(answers: readonly Answer[]): string {
  const took = answers.map(({ tookMs }) => tookMs);
  const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
  const degraded = answers.filter(({ degradedReasons }) => degradedReasons.length > 0);
  const reasons = new Set(degraded.flatMap(({ degradedReasons }) => degradedReasons));
  return (
    `${answers.length} searches, in the service p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms` +
    (degraded.length === 0 ? '' : `; ${degraded.length} of them degraded: ${[...reasons].join(', ')}`)
  );
}
