import Table from 'cli-table3';
import { INVARIANTS } from '../invariants/index.js';
import type { ProfileResult } from '../rounds/suite.js';
import type { RoundResult } from '../rounds/round.js';

/** Faults × invariants, then how long the product took to recover from each. */
export function printTables({ profile, rounds, leftOut }: ProfileResult): void {
  if (rounds.length > 0) {
    console.log(`\n${profile}: violations of each invariant by fault`);
    console.log(violationsTable(rounds));
    console.log('\nRecovery: milliseconds from the healing to a write that is stored, and that is found');
    console.log(recoveryTable(rounds));
    for (const { faults, failed } of rounds) {
      if (failed !== undefined) console.log(`${faults.join(' + ')} failed: ${failed}`);
    }
  }
  for (const { name, why } of leftOut) console.log(`${name} was left out: ${why}`);
}

function violationsTable(rounds: readonly RoundResult[]): string {
  const heads = [
    'fault',
    'rounds',
    'commands',
    'reads',
    'poison',
    ...INVARIANTS.map(({ name }) => wrapped(name)),
    'failed',
  ];
  const rows = [...byFault(rounds), ['all', rounds] as const].map(([name, own]) => [
    name,
    own.length,
    sum(own, ({ acknowledged }) => acknowledged),
    sum(own, ({ reads }) => reads),
    sum(own, ({ poisons }) => poisons),
    ...INVARIANTS.map((invariant) =>
      sum(own, ({ violations }) => violations.filter((one) => one.invariant === invariant.name).length),
    ),
    sum(own, ({ failed }) => (failed === undefined ? 0 : 1)),
  ]);
  return tableOf(heads, rows);
}

function recoveryTable(rounds: readonly RoundResult[]): string {
  const rows = byFault(rounds).map(([name, own]) => {
    const known = own.flatMap(({ recovery }) => recovery ?? []);
    const written = known.map((recovery) => recovery.written);
    const found = known.map((recovery) => recovery.found);
    return [name, known.length, median(written), most(written), median(found), most(found)];
  });
  return tableOf(['fault', 'runs', 'stored p50', 'stored max', 'found p50', 'found max'], rows);
}

/** Rounds of the same faults together, in alphabetical order. */
function byFault(rounds: readonly RoundResult[]): [string, RoundResult[]][] {
  const groups = new Map<string, RoundResult[]>();
  for (const round of rounds) {
    const name = [...round.faults].sort().join(' + ');
    groups.set(name, [...(groups.get(name) ?? []), round]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function median(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return rounded(sorted[Math.floor((sorted.length - 1) / 2)]);
}

function most(values: readonly number[]): string {
  return rounded(values.length === 0 ? undefined : Math.max(...values));
}

function rounded(value: number | undefined): string {
  return value === undefined ? '–' : String(Math.round(value));
}

function wrapped(name: string): string {
  return name.replaceAll('-', '\n');
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
