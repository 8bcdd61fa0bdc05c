import { until } from '../../system/index.js';
import type { Arena, ClusterArena, Fault, StandaloneArena } from '../fault.js';
import { OwnClient } from '../tools/own-client.js';
import { writesGoOn } from './conditions.js';
import { anyFault } from './for-profile.js';

const PROJECTIONS = ['index', 'cache', 'graph'] as const;
const JOB_LIMIT_MS = 180_000;

interface Job {
  job_id: string;
  state: string;
  result: unknown;
  error: { code: string } | null;
}

export const REBUILT: readonly Fault[] = PROJECTIONS.map((projection) =>
  anyFault({
    name: `${projection}-rebuilt`,
    title: `the ${projection} is rebuilt from Postgres while writes go on`,
    run: async (tools, arena) => {
      if (!(await tools.hasRoute('POST', '/admin/rebuild'))) {
        arena.say('there is no /admin/rebuild');
        return;
      }
      await rebuild(tools, arena, projection);
      arena.healed();
      await writesGoOn(arena);
    },
  }),
);

async function rebuild(
  tools: ClusterArena | StandaloneArena,
  arena: Arena,
  projection: string,
): Promise<void> {
  const client = new OwnClient(tools, 'own-rebuilds');
  const { body } = await client.until([202], 'POST', '/admin/rebuild', { projection });
  const { job_id } = (body as unknown as { job: Job }).job;
  const ended = await until(`the rebuild of the ${projection} to end`, JOB_LIMIT_MS, async () => {
    const answer = await client.ask('GET', `/admin/jobs/${job_id}`);
    const { job } = answer.body as unknown as { job?: Job };
    return job !== undefined && job.state !== 'waiting' && job.state !== 'running' ? job : undefined;
  });
  if (ended.state !== 'done') {
    throw new Error(`the rebuild of the ${projection} ended ${ended.state}: ${String(ended.error?.code)}`);
  }
  arena.say(`rebuilt: ${JSON.stringify(ended.result)}`);
}
