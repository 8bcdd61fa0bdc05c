import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../system/index.js';
import type { JestStage, ProgramStage, Stage } from './stages.js';

export interface StageResult {
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

/** What is read of jest's --json. */
interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** Files that failed before a test could run. */
  numRuntimeErrorTestSuites: number;
}

/** What is read of a program's results. */
interface ProgramResults {
  passed: number;
  failed: number;
}

/** Runs jest or the stage's own program, its output going where ours goes. */
export async function runStage(stage: Stage): Promise<StageResult> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-results-'));
  const file = join(folder, 'results.json');
  const started = performance.now();
  try {
    const counts = 'program' in stage ? await runProgram(stage, file) : await runJest(stage, file);
    return { ...counts, seconds: (performance.now() - started) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Counts = Omit<StageResult, 'seconds'>;

async function runProgram({ program, args, env }: ProgramStage, file: string): Promise<Counts> {
  const child = spawn(process.execPath, [program, ...args, '--json', file], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const results = await resultsIn<ProgramResults>(file);
  const { passed, failed } = results ?? { passed: 0, failed: 1 };
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped: 0 };
}

async function runJest(stage: JestStage, file: string): Promise<Counts> {
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, '--maxWorkers=2', '--json', `--outputFile=${file}`, ...stage.args];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...stage.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return countsOf(await resultsIn<JestResults>(file), code);
}

/** Undefined when it ended before it had any. */
async function resultsIn<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

function countsOf(results: JestResults | undefined, code: number | null): Counts {
  if (results === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    // A run that failed without a failed test (a setup, a teardown) is a failure too.
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
