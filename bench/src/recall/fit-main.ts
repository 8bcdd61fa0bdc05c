import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ANSWER_OPTIONS, answersOf } from './ask/answers.js';
import { callersPath } from './ask/callers-path.js';
import { explained } from './figures/rescore.js';
import { share } from './figures/tables.js';
import { fit } from './fit/fit.js';
import { samplesOf } from './fit/samples.js';
import { verdictTable, weightsTable } from './fit/tables.js';
import { weightsFile } from './fit/weights-file.js';

/*
 * npm run recall:fit -- --data FILE… [--out weights.json]: learns the weights of the ranking from judged memories, and
 * writes them when they beat the present ones on sets they were not learned from. docs/recall.md tells the rest.
 */

/** Most hits of a search; what is not among them, no weight can bring up. */
const CANDIDATES = 100;

try {
  await fitWeights();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function fitWeights(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { ...ANSWER_OPTIONS, out: { type: 'string', default: 'weights.json' } },
  });
  const answers = await answersOf(
    { ...values, data: [...values.data, ...positionals] },
    { topK: CANDIDATES, explain: true },
  );
  const samples = samplesOf(explained(answers));
  if (samples.features.length === 0) throw new RangeError('No feature has a weight that could be fitted');
  const fitted = fit(samples);
  const { verdict } = fitted;
  console.log(weightsTable(fitted.features));
  if (samples.fixed.length > 0) console.log(`Left as they are: ${samples.fixed.join(', ')}`);
  console.log(verdictTable(verdict));
  console.log(
    `Gain ${share(verdict.difference.mean)} ± ${share(verdict.difference.margin)}, L2 ${fitted.l2}`,
  );
  if (verdict.refusal === undefined) {
    await writeFile(callersPath(values.out), `${JSON.stringify(weightsFile(fitted), null, 2)}\n`);
    console.log(`Written to ${values.out}`);
  } else {
    console.log(`Nothing is written: ${verdict.refusal}`);
    process.exitCode = 1;
  }
}
