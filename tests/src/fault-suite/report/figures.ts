import type { InvariantName } from '../invariants/invariant.js';
import type { ReportedRound } from './results.js';

/** Milliseconds; undefined where no round recovered. */
export interface Spread {
  p50: number | undefined;
  max: number | undefined;
}

/** What the rounds of one fault, or of two at once, came to. */
export interface FaultFigures {
  name: string;
  rounds: number;
  commands: number;
  reads: number;
  poisons: number;
  violations: Record<InvariantName, number>;
  /** Rounds in which the fault could not be made or healed. */
  failed: number;
  /** From the healing to a write that is stored, and to one that is found. */
  stored: Spread;
  found: Spread;
}

/** Rounds of the same faults together, in alphabetical order. */
export function byFault(rounds: readonly ReportedRound[]): FaultFigures[] {
  const groups = new Map<string, ReportedRound[]>();
  for (const round of rounds) {
    const name = [...round.faults].sort().join(' + ');
    groups.set(name, [...(groups.get(name) ?? []), round]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => figuresOf(name, own));
}

export function figuresOf(name: string, rounds: readonly ReportedRound[]): FaultFigures {
  const recoveries = rounds.flatMap(({ recovery }) => recovery ?? []);
  return {
    name,
    rounds: rounds.length,
    commands: sum(rounds, ({ acknowledged }) => acknowledged),
    reads: sum(rounds, ({ reads }) => reads),
    poisons: sum(rounds, ({ poisons }) => poisons),
    violations: added(rounds.map(({ counts }) => counts)),
    failed: sum(rounds, ({ failed }) => (failed === undefined ? 0 : 1)),
    stored: spreadOf(recoveries.map(({ written }) => written)),
    found: spreadOf(recoveries.map(({ found }) => found)),
  };
}

function added(counts: readonly Record<InvariantName, number>[]): Record<InvariantName, number> {
  const total: Partial<Record<InvariantName, number>> = {};
  for (const one of counts)
    for (const [name, count] of Object.entries(one) as [InvariantName, number][])
      total[name] = (total[name] ?? 0) + count;
  return total as Record<InvariantName, number>;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { p50: sorted[Math.floor((sorted.length - 1) / 2)], max: sorted.at(-1) };
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
