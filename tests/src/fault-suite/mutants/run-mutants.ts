import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { SuiteResults } from '../report/results.js';
import type { Mutant } from './mutant.js';
import { plant } from './plant.js';

export interface MutantOutcome {
  mutant: Mutant;
  /** Violations by invariant; empty when the suite saw nothing wrong, which is what must not be. */
  caught: Readonly<Record<string, number>>;
  /** Why the run says nothing: the arena did not start, the fault could not be made. */
  unfit: string | undefined;
  seconds: number;
}

/** What `--json` writes of a run. */
export interface MutantResults {
  seed: number;
  mutants: {
    name: string;
    bug: string;
    fault: string;
    caught: Readonly<Record<string, number>>;
    not_tried: string | null;
  }[];
}

export function mutantResultsOf(seed: number, outcomes: readonly MutantOutcome[]): MutantResults {
  const mutants = outcomes.map(({ mutant: { name, bug, fault }, caught, unfit }) => {
    return { name, bug, fault, caught, not_tried: unfit ?? null };
  });
  return { seed, mutants };
}

export interface MutantsOptions {
  mutants: readonly Mutant[];
  seed: number;
  say: (text: string) => void;
}

/** Each bug alone, in a copy of the checkout, against the fault that should bring it out. */
export async function runMutants({ mutants, seed, say }: MutantsOptions): Promise<MutantOutcome[]> {
  const outcomes: MutantOutcome[] = [];
  for (const mutant of mutants) {
    say(`mutant ${mutant.name}: ${mutant.bug}; fault ${mutant.fault}`);
    const outcome = await outcomeOf(mutant, seed);
    say(`mutant ${mutant.name}: ${verdictOf(outcome)} (${outcome.seconds.toFixed(0)} s)`);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Mutants × what caught them. */
export function mutantsTable(outcomes: readonly MutantOutcome[]): string {
  const table = new Table({
    head: ['mutant', 'bug', 'fault', 'verdict'],
    wordWrap: true,
    style: { head: [], border: [] },
    colWidths: [30, 44, 34, 50],
  });
  for (const outcome of outcomes) {
    const { name, bug, fault } = outcome.mutant;
    table.push([name, bug, fault, verdictOf(outcome)]);
  }
  return table.toString();
}

function verdictOf({ caught, unfit }: MutantOutcome): string {
  if (unfit !== undefined) return `not tried: ${unfit}`;
  const invariants = Object.entries(caught).map(([name, count]) => `${name} (${count})`);
  return invariants.length === 0 ? 'NOT CAUGHT' : `caught by ${invariants.join(', ')}`;
}

export function isCaught({ caught, unfit }: MutantOutcome): boolean {
  return unfit === undefined && Object.keys(caught).length > 0;
}

async function outcomeOf(mutant: Mutant, seed: number): Promise<MutantOutcome> {
  const began = performance.now();
  const planted = await plant(mutant).catch((error: unknown) => error as Error);
  if (planted instanceof Error) return { mutant, caught: {}, unfit: planted.message, seconds: 0 };
  const folder = await mkdtemp(join(tmpdir(), 'soma-mutant-results-'));
  try {
    const file = join(folder, 'results.json');
    const output = await runSuite(planted.root, mutant, seed, file);
    const results = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text) as SuiteResults,
      () => undefined,
    );
    return { mutant, ...verdictIn(results, output), seconds: (performance.now() - began) / 1000 };
  } finally {
    await planted.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

function verdictIn(
  results: SuiteResults | undefined,
  output: string,
): Pick<MutantOutcome, 'caught' | 'unfit'> {
  const rounds = results?.profiles.flatMap((profile) => profile.rounds) ?? [];
  const caught: Record<string, number> = {};
  for (const { counts } of rounds)
    for (const [name, count] of Object.entries(counts))
      if (count > 0) caught[name] = (caught[name] ?? 0) + count;
  const nothing = rounds.length === 0 ? `no round was run; its last words: ${output.slice(-500)}` : undefined;
  const failed = rounds.flatMap((round) => round.failed ?? []).at(0);
  return { caught, unfit: Object.keys(caught).length > 0 ? undefined : (nothing ?? failed) };
}

async function runSuite(root: string, mutant: Mutant, seed: number, file: string): Promise<string> {
  const args = [
    '--profile',
    mutant.profile,
    '--faults',
    mutant.fault,
    '--seed',
    String(seed),
    '--json',
    file,
  ];
  const child = spawn(process.execPath, ['tests/dist/fault-suite/main.js', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000);
    });
  await once(child, 'close');
  return output;
}
