import { parseArgs } from 'node:util';
import { percentile } from '../percentile.js';
import { serviceAt } from './ask/service.js';
import { askAll } from './ask/ask-all.js';
import type { Answer } from './ask/ask-set.js';
import { summarise, type Ranking } from './figures/summary.js';
import { summaryTable } from './figures/tables.js';
import { limitQuestions, mergeSets } from './judged/judged-set.js';
import { readSets } from './judged/read-sets.js';

/*
 * npm run recall:eval -- --data FILE… [--url http://…]: loads judged memories through the REST API, asks every
 * question, and prints how much of what is relevant is among the first. docs/recall.md tells the rest.
 */

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
      data: { type: 'string', multiple: true, default: [] },
      url: { type: 'string' },
      limit: { type: 'string' },
      mode: { type: 'string' },
      loaded: { type: 'boolean', default: false },
      'all-in-one-namespace': { type: 'boolean', default: false },
    },
  });
  const read = await readSets([...values.data, ...positionals]);
  const merged = values['all-in-one-namespace'] ? [mergeSets(read)] : read;
  const sets = merged.map((set) => limitQuestions(set, Number(values.limit ?? Infinity)));
  const service = await serviceAt(values.url, process.env);
  try {
    const options = { topK: 20, explain: false, mode: values.mode };
    const answers = await askAll(service, sets, { ...options, loaded: values.loaded });
    print(answers);
  } finally {
    await service.stop();
  }
}

function print(answers: readonly Answer[]): void {
  const rankings = answers.map((answer) => ({ ...answer, coords: answer.hits.map(({ coord }) => coord) }));
  const sets = new Set(answers.map(({ set }) => set));
  if (sets.size > 1)
    console.log(
      summaryTable(
        'set',
        summarise(rankings, ({ set }) => set),
      ),
    );
  console.log(summaryTable('category', summarise(rankings, categoryOf)));
  const took = answers.map(({ tookMs }) => tookMs);
  console.log(
    `${answers.length} searches, in the service p50 ${percentile(took, 0.5).toFixed(1)} ms, ` +
      `p99 ${percentile(took, 0.99).toFixed(1)} ms`,
  );
  const degraded = answers.flatMap(({ degradedReasons }) => degradedReasons);
  if (degraded.length > 0) console.log(`DEGRADED: ${[...new Set(degraded)].join(', ')}`);
}

function categoryOf({ question }: Ranking): string {
  return question.category;
}
