import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../system/index.js';
import type { Stage } from './stages.js';

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

/** Runs jest, its output going where ours goes. */
export async function runStage(stage: Stage): Promise<StageResult> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-results-'));
  const file = join(folder, 'results.json');
  const started = performance.now();
  try {
    const code = await runJest(stage, file);
    const seconds = (performance.now() - started) / 1000;
    return { ...countsOf(await resultsIn(file), code), seconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runJest(stage: Stage, file: string): Promise<number | null> {
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, '--maxWorkers=2', '--json', `--outputFile=${file}`, ...stage.args];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...stage.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Undefined when jest ended before it had any. */
async function resultsIn(file: string): Promise<JestResults | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as JestResults);
}

function countsOf(results: JestResults | undefined, code: number | null): Omit<StageResult, 'seconds'> {
  if (results === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    // A run that failed without a failed test (a setup, a teardown) is a failure too.
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
