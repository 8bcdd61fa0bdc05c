import { until } from '../../system/index.js';
import type { Arena, ClusterArena, Fault, StandaloneArena } from '../fault.js';
import { OwnClient } from '../tools/own-client.js';
import { LIMIT_MS, writesGoOn } from './conditions.js';
import { anyFault, clusterFault } from './for-profile.js';

const PROJECTIONS = ['index', 'cache', 'graph'] as const;
const JOB_LIMIT_MS = 180_000;

interface Job {
  job_id: string;
  state: string;
  result: unknown;
  error: { code: string } | null;
}

const rebuilt = PROJECTIONS.map((projection) =>
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

export const REBUILT: readonly Fault[] = [
  ...rebuilt,
  clusterFault({
    name: 'indexer-killed-while-rebuilding',
    title: 'kill -9 of the indexer while it fills a new index; another one goes on and proves it equal',
    run: async (cluster, arena) => {
      // Without an embedder the job comes no further than this phase.
      cluster.embedder.set('unavailable');
      try {
        await rebuild(cluster, arena, 'index', async (jobId) => {
          await untilFilling(jobId, cluster);
          await cluster.service('indexer').kill();
          cluster.embedder.set('sound');
        });
      } finally {
        cluster.embedder.set('sound');
      }
      arena.healed();
      await writesGoOn(arena);
    },
  }),
];

async function untilFilling(jobId: string, cluster: ClusterArena): Promise<void> {
  await until('the job to fill the new index', LIMIT_MS, async () => {
    const [job] = await cluster.sql<{ begun: boolean }>(BEGUN, [jobId]);
    return job?.begun;
  });
}

/** Without an embedder a job that wrote down where it begins is still at its filling. */
const BEGUN = `select cursor is not null as begun from jobs where job_id = $1`;

async function rebuild(
  tools: ClusterArena | StandaloneArena,
  arena: Arena,
  projection: string,
  meanwhile: (jobId: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const client = new OwnClient(tools, 'own-rebuilds');
  const { body } = await client.until([202], 'POST', '/admin/rebuild', { projection });
  const { job_id } = (body as unknown as { job: Job }).job;
  await meanwhile(job_id);
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
