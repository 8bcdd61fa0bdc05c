import Table from 'cli-table3';
import { INVARIANTS } from '../invariants/index.js';
import type { ProfileResult } from '../rounds/suite.js';
import { byFault, figuresOf, type FaultFigures } from './figures.js';
import { reported } from './results.js';

/** Faults × invariants, then how long the product took to recover from each. */
export function printTables({ profile, rounds, leftOut }: ProfileResult): void {
  if (rounds.length > 0) {
    const all = rounds.map(reported);
    const figures = byFault(all);
    console.log(`\n${profile}: violations of each invariant by fault`);
    console.log(violationsTable([...figures, figuresOf('all', all)]));
    console.log('\nRecovery: milliseconds from the healing to a write that is stored, and that is found');
    console.log(recoveryTable(figures));
    for (const { faults, failed } of rounds) {
      if (failed !== undefined) console.log(`${faults.join(' + ')} failed: ${failed}`);
    }
  }
  for (const { name, why } of leftOut) console.log(`${name} was left out: ${why}`);
}

function violationsTable(figures: readonly FaultFigures[]): string {
  const invariants = INVARIANTS.map(({ name }) => name);
  const wrapped = invariants.map((name) => name.replaceAll('-', '\n'));
  return tableOf(
    ['fault', 'rounds', 'commands', 'reads', 'poison', ...wrapped, 'failed'],
    figures.map(({ name, rounds, commands, reads, poisons, violations, failed }) => [
      name,
      rounds,
      commands,
      reads,
      poisons,
      ...invariants.map((invariant) => violations[invariant]),
      failed,
    ]),
  );
}

function recoveryTable(figures: readonly FaultFigures[]): string {
  return tableOf(
    ['fault', 'rounds', 'stored p50', 'stored max', 'found p50', 'found max'],
    figures.map(({ name, rounds, stored, found }) => [
      name,
      rounds,
      ...[stored.p50, stored.max, found.p50, found.max].map(rounded),
    ]),
  );
}

function rounded(value: number | undefined): string {
  return value === undefined ? '–' : String(Math.round(value));
}

function tableOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
