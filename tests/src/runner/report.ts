import type { StageResult } from './run-stage.js';

export type StageOutcome = { name: string } & (StageResult | { leftOut: string });

const COLUMNS = [24, 8, 8, 9, 9] as const;

/** A table of the stages, what was left out and why, and last of all the line that CI reads. */
export function printReport(outcomes: readonly StageOutcome[]): void {
  const ran = outcomes.flatMap((outcome) => ('leftOut' in outcome ? [] : [outcome]));
  console.log(`\n${row(['stage', 'passed', 'failed', 'skipped', 'seconds'])}`);
  for (const { name, passed, failed, skipped, seconds } of ran) {
    console.log(row([name, passed, failed, skipped, seconds.toFixed(1)]));
  }
  for (const outcome of outcomes) {
    if ('leftOut' in outcome) console.log(`${outcome.name} was left out: ${outcome.leftOut}`);
  }
  const sum = (count: (result: StageResult) => number) =>
    ran.reduce((total, result) => total + count(result), 0);
  const skipped = sum((result) => result.skipped);
  const totals = `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`;
  console.log(`\n${totals}${skipped > 0 ? `, ${skipped} skipped` : ''}`);
}

function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, index) => {
      const width = COLUMNS[index] ?? 0;
      return index === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
    })
    .join('');
}
