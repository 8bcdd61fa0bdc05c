import type { Part } from '../system/index.js';

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
  { name: 'faults-standalone', args: ['--selectProjects', 'faults', '--', 'faults/standalone'], needs: [] },
  {
    name: 'faults-cluster',
    args: ['--selectProjects', 'faults', '--', 'faults/cluster'],
    needs: ['kafka', 'redis'],
  },
  // By a fresh seed, which it prints: each run tries other faults.
  {
    name: 'fault-suite-standalone',
    program: FAULT_SUITE,
    args: ['--profile', 'standalone', '--count', '2'],
    needs: [],
  },
  {
    name: 'fault-suite-cluster',
    program: FAULT_SUITE,
    args: ['--profile', 'cluster', '--count', '6'],
    needs: ['kafka', 'redis'],
  },
];
