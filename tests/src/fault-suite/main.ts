import { readFile, writeFile } from 'node:fs/promises';
import { FAULTS } from './faults/index.js';
import { isCaught, mutantResultsOf, mutantsTable, runMutants } from './mutants/run-mutants.js';
import { MUTANTS } from './mutants/mutants.js';
import { readOptions, USAGE, type SuiteOptions } from './options.js';
import { seededRandom } from './random.js';
import { documentOf, type Written } from './report/document.js';
import { resultsOf } from './report/results.js';
import { printTables } from './report/tables.js';
import { runProfile, type ProfileResult } from './rounds/suite.js';

/** The fault suite: real stores and processes, a seeded workload, faults by a seeded schedule, then every invariant. */

const BAD_USE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: SuiteOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return BAD_USE;
  }
  if (options.list) {
    list();
    return 0;
  }
  if (options.document !== null) {
    const files = await Promise.all(options.document.map((file) => readFile(file, 'utf8')));
    process.stdout.write(documentOf(files.map((text) => JSON.parse(text) as Written)));
    return 0;
  }
  const unknown = (options.faults ?? []).filter((name) => FAULTS.every((fault) => fault.name !== name));
  if (unknown.length > 0) {
    console.error(`there is no fault ${unknown.join(', ')}; --list shows all`);
    return BAD_USE;
  }
  return options.mutants === null ? run(options, args) : tryMutants(options, options.mutants);
}

async function tryMutants({ seed, json }: SuiteOptions, names: readonly string[]): Promise<number> {
  const mutants = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
  console.log(`seed ${seed}`);
  const outcomes = await runMutants({ mutants, seed, say: (text) => console.log(text) });
  console.log(`\n${mutantsTable(outcomes)}`);
  if (json !== null) await writeFile(json, JSON.stringify(mutantResultsOf(seed, outcomes), null, 2));
  const caught = outcomes.filter(isCaught).length;
  console.log(`\n${caught} of ${outcomes.length} mutants caught; seed ${seed}`);
  return outcomes.length > 0 && caught === outcomes.length ? 0 : 1;
}

function list(): void {
  for (const { name, title, profiles, arena, needs = [] } of FAULTS) {
    const notes = [profiles.join(', '), ...(arena === 'own' ? ['an arena of its own'] : []), ...needs];
    console.log(`${name}\n    ${title} (${notes.join('; ')})`);
  }
}

async function run(options: SuiteOptions, args: readonly string[]): Promise<number> {
  const began = performance.now();
  const say = (text: string): void => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${seconds.padStart(7)}  ${text}`);
  };
  console.log(`seed ${options.seed}`);
  const profiles: ProfileResult[] = [];
  // After each round, so that a run that is broken off has its results.
  const write = async (present: ProfileResult): Promise<void> => {
    const results = resultsOf(options.seed, [...profiles, present]);
    if (options.json !== null) await writeFile(options.json, JSON.stringify(results, null, 2));
  };
  for (const profile of options.profiles) {
    profiles.push(await runProfile(profile, options, seededRandom(options.seed).fork(profile), say, write));
  }
  for (const profile of profiles) printTables(profile);
  const results = resultsOf(options.seed, profiles);
  if (options.json !== null) await writeFile(options.json, JSON.stringify(results, null, 2));
  console.log(`\n${results.passed} rounds held every invariant, ${results.failed} did not`);
  console.log(`seed ${options.seed}; again: npm run test:faults -- ${repeated(args, options.seed)}`);
  return results.failed > 0 ? 1 : 0;
}

function repeated(args: readonly string[], seed: number): string {
  return args.includes('--seed') ? args.join(' ') : [...args, '--seed', String(seed)].join(' ');
}
