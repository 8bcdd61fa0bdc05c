import { INVARIANTS } from '../invariants/index.js';
import type { MutantResults } from '../mutants/run-mutants.js';
import { byFault, figuresOf, type FaultFigures, type Spread } from './figures.js';
import type { ReportedRound, SuiteResults } from './results.js';

/** A file that `--json` wrote. */
export type Written = SuiteResults | MutantResults;

/** The page docs/reliability-figures.md of what several runs wrote. */
export function documentOf(files: readonly Written[]): string {
  const runs = files.filter((file): file is SuiteResults => 'profiles' in file);
  const mutants = files.filter((file): file is MutantResults => 'mutants' in file);
  const parts = [
    '# Reliability figures',
    'Written by `npm run test:faults -- --document FILE…` from what `--json` wrote of these runs. What the columns mean: ' +
      '[reliability](reliability.md#figures).',
    ...runTables(runs),
    ...(['cluster', 'standalone'] as const).flatMap((profile) => profileTables(profile, runs)),
    ...(mutants.length === 0 ? [] : ['## Bugs planted on purpose', mutantsTable(mutants)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function runTables(runs: readonly SuiteResults[]): string[] {
  if (runs.length === 0) return [];
  const rows = runs.flatMap(({ seed, profiles }) =>
    profiles.map(({ profile, rounds }) => {
      const { commands, reads, poisons, violations, failed } = figuresOf(profile, rounds);
      const minutes = rounds.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
      const faults = rounds.reduce((sum, round) => sum + round.faults.length, 0);
      const wrong = Object.values(violations).reduce((sum, count) => sum + count, 0);
      return [
        profile,
        seed,
        minutes.toFixed(0),
        rounds.length,
        faults,
        commands,
        reads,
        poisons,
        wrong,
        failed,
      ];
    }),
  );
  const head = ['profile', 'seed', 'minutes', 'rounds', 'faults made', 'commands acknowledged', 'reads'];
  return ['## Runs', table([...head, 'poison', 'violations', 'rounds that failed'], rows)];
}

function profileTables(profile: string, runs: readonly SuiteResults[]): string[] {
  const rounds = runs.flatMap(({ profiles }) =>
    profiles.filter((one) => one.profile === profile).flatMap((one): ReportedRound[] => one.rounds),
  );
  if (rounds.length === 0) return [];
  const title = `${profile.slice(0, 1).toUpperCase()}${profile.slice(1)}`;
  return [
    `## ${title}: violations of each invariant by fault`,
    violationsTable([...byFault(rounds), figuresOf('all', rounds)]),
    `## ${title}: recovery from each fault, milliseconds`,
    recoveryTable(byFault(rounds)),
  ];
}

function violationsTable(figures: readonly FaultFigures[]): string {
  const invariants = INVARIANTS.map(({ name }) => name);
  return table(
    ['fault', 'rounds', 'commands', ...invariants],
    figures.map(({ name, rounds, commands, violations }) => [
      name,
      rounds,
      commands,
      ...invariants.map((invariant) => violations[invariant]),
    ]),
  );
}

function recoveryTable(figures: readonly FaultFigures[]): string {
  return table(
    ['fault', 'rounds', 'stored p50 / max', 'found p50 / max'],
    figures.map(({ name, rounds, stored, found }) => [name, rounds, spread(stored), spread(found)]),
  );
}

function spread({ p50, max }: Spread): string {
  if (p50 === undefined || max === undefined) return '–';
  return `${Math.round(p50)} / ${Math.round(max)}`;
}

/** Runs of one mutant together: by which invariants it was caught, with which seeds. */
function mutantsTable(results: readonly MutantResults[]): string {
  const names = [...new Set(results.flatMap(({ mutants }) => mutants.map(({ name }) => name)))];
  return table(
    ['bug', 'what is wrong', 'fault', 'caught by', 'seeds'],
    names.map((name) => {
      const runs = results.flatMap(({ seed, mutants }) =>
        mutants.filter((one) => one.name === name).map((one) => ({ seed, ...one })),
      );
      const [first] = runs;
      const invariants = new Set(runs.flatMap(({ caught }) => Object.keys(caught)));
      const missed = runs.filter(({ caught }) => Object.keys(caught).length === 0).length;
      const by = [...invariants].join(', ') || 'nothing';
      return [
        name,
        first?.bug ?? '',
        first?.fault ?? '',
        missed === 0 ? by : `${by} (missed ${missed} of ${runs.length} times)`,
        runs.map(({ seed }) => seed).join(', '),
      ];
    }),
  );
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
