import type { Part } from '../system/index.js';

export interface Stage {
  name: string;
  /** Arguments of jest. */
  args: string[];
  env?: Record<string, string>;
  /** What the whole stage cannot do without; single tests may need more and skip themselves. */
  needs: Part[];
}

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
];
