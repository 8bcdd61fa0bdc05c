import { requiredParts, whyMissing } from '../system/index.js';
import { printReport, type StageOutcome } from './report.js';
import { runStage } from './run-stage.js';
import { STAGES, type Stage } from './stages.js';

/**
 * Runs the stages named, or all. What the machine cannot run is left out and said at the end, unless
 * SOMA_TEST_REQUIRE names what is missing. @returns the exit code
 */
export async function runTests(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => STAGES.every((stage) => stage.name !== name));
  if (unknown.length > 0) {
    console.error(
      `no such stage: ${unknown.join(', ')}; there are ${STAGES.map(({ name }) => name).join(', ')}`,
    );
    return 1;
  }
  for (const part of requiredParts(process.env)) {
    const missing = whyMissing(part);
    if (missing === undefined) continue;
    console.error(`SOMA_TEST_REQUIRE names ${part}, but ${missing}`);
    return 1;
  }
  const wanted = STAGES.filter(({ name }) => names.length === 0 || names.includes(name));
  const outcomes: StageOutcome[] = [];
  for (const stage of wanted) outcomes.push(await outcomeOf(stage));
  printReport(outcomes);
  return outcomes.some((outcome) => 'failed' in outcome && outcome.failed > 0) ? 1 : 0;
}

async function outcomeOf(stage: Stage): Promise<StageOutcome> {
  const missing = stage.needs.flatMap((part) => whyMissing(part) ?? []);
  if (missing.length > 0) return { name: stage.name, leftOut: missing.join('; ') };
  console.error(`\n── ${stage.name} ${'─'.repeat(Math.max(0, 60 - stage.name.length))}`);
  return { name: stage.name, ...(await runStage(stage)) };
}
