import { spawnSync } from 'node:child_process';
import { ROOT, type Part } from '../system/index.js';

interface StageBasis {
  name: string;
  env?: Record<string, string>;
  /** What the whole stage cannot do without; single tests may need more and skip themselves. */
  needs: Part[];
}

/** Tests of jest. */
export interface JestStage extends StageBasis {
  /** Arguments of jest. */
  args: string[];
}

/** A program of its own, which writes `{passed, failed}` as JSON into the file of its option `--json`. */
export interface ProgramStage extends StageBasis {
  /** From the root of the checkout. */
  program: string;
  args: string[];
}

export type Stage = JestStage | ProgramStage;

/** The commit's id as the seed that draws the faults; nothing outside a checkout, where each run draws its own. */
function seedOfCommit(): string[] {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? ['--seed', String(Number.parseInt(stdout.slice(0, 7), 16))] : [];
}

const FAULT_SUITE = 'tests/dist/fault-suite/main.js';

export const STAGES: Stage[] = [
  { name: 'unit', args: ['--selectProjects', 'unit'], needs: [] },
  { name: 'integration', args: ['--selectProjects', 'integration'], needs: [] },
  {
    name: 'acceptance-standalone',
    args: ['--selectProjects', 'acceptance'],
    env: { SOMA_ACCEPTANCE_PROFILE: 'standalone' },
    needs: [],
  },
  {
    name: 'acceptance-cluster',
    args: ['--selectProjects', 'acceptance'],
    env: { SOMA_ACCEPTANCE_PROFILE: 'cluster' },
    needs: ['kafka', 'redis'],
  },
  { name: 'api-fuzz', program: 'tests/dist/api-fuzz/main.js', args: [], needs: ['python'] },
  { name: 'faults-standalone', args: ['--selectProjects', 'faults', '--', 'faults/standalone'], needs: [] },
  {
    name: 'faults-cluster',
    args: ['--selectProjects', 'faults', '--', 'faults/cluster'],
    needs: ['kafka', 'redis'],
  },
  // Each commit tries other faults, and every run of it the same ones.
  {
    name: 'fault-suite-standalone',
    program: FAULT_SUITE,
    args: ['--profile', 'standalone', '--count', '2', ...seedOfCommit()],
    needs: [],
  },
  {
    name: 'fault-suite-cluster',
    program: FAULT_SUITE,
    args: ['--profile', 'cluster', '--count', '6', ...seedOfCommit()],
    needs: ['kafka', 'redis'],
  },
];
