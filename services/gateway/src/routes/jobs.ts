import type { Job } from '@soma/jobs';
import { isUuid } from '@soma/memory';
import { jobAccepted, presentJob } from '../present-job.js';
import { RequestRefused } from '../refusal.js';
import { adminRoute, type Route } from '../route.js';
import { oneJobAnswer } from '../schemas/answers.js';
import { jobsAnswer, jobsQuery, rebuildBody, verifyBody } from '../schemas/jobs.js';
import { noQuery } from '../schemas/reads.js';
import { JSON_ONLY, type AdminRouteDeps } from './route-deps.js';

const ACCEPTED = {
  202: { description: 'The job; it waits until the service that does it runs', schema: oneJobAnswer },
};

/** What index, cache and graph hold against the memories, and how far long work is. Over all namespaces. */
export function jobRoutes(deps: AdminRouteDeps): Route[] {
  return [verify(deps), rebuild(deps), listJobs(deps), getJob(deps), cancelJob(deps)];
}

function verify({ jobs }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/verify',
    operationId: 'verifyProjection',
    summary: 'Compare the index, the cache or the graph with the memories, and mend it if asked to',
    query: noQuery,
    body: { schema: verifyBody, media_types: JSON_ONLY },
    answers: ACCEPTED,
    errors: ['unsupported_media_type'],
    handle: async ({ body: { projection, sample = null, namespace = null, repair }, caller }) => {
      const request = { sample, namespace, repair };
      const kind = `verify-${projection}` as const;
      return jobAccepted(await jobs.create({ kind, request, issuer: caller.subject }));
    },
  });
}

function rebuild({ jobs }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/rebuild',
    operationId: 'rebuildProjection',
    summary: 'Make the index, the cache or the graph anew from the memories while writes go on',
    query: noQuery,
    body: { schema: rebuildBody, media_types: JSON_ONLY },
    answers: ACCEPTED,
    errors: ['unsupported_media_type'],
    handle: async ({ body, caller }) => {
      const kind = `rebuild-${body.projection}` as const;
      return jobAccepted(await jobs.create({ kind, request: {}, issuer: caller.subject }));
    },
  });
}

function listJobs({ jobs }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/jobs',
    operationId: 'listJobs',
    summary: 'Long work, newest first',
    query: jobsQuery,
    answers: { 200: { description: 'The newest jobs', schema: jobsAnswer } },
    errors: [],
    handle: async ({ query }) => ({
      status: 200,
      body: { jobs: (await jobs.list(query.limit)).map(presentJob) },
    }),
  });
}

function getJob({ jobs }: AdminRouteDeps): Route {
  return oneJob({
    method: 'get',
    path: '/admin/jobs/{id}',
    operationId: 'getJob',
    summary: 'How far a job is, and what came of it',
    ask: (id) => jobs.get(id),
  });
}

function cancelJob({ jobs }: AdminRouteDeps): Route {
  return oneJob({
    method: 'post',
    path: '/admin/jobs/{id}/cancel',
    operationId: 'cancelJob',
    summary: 'End a job where it is; one that is over stays as it ended',
    ask: (id) => jobs.cancel(id),
  });
}

interface JobCall extends Pick<Route, 'method' | 'path' | 'operationId' | 'summary'> {
  ask: (id: string) => Promise<Job | undefined>;
}

/** A route that does something with the job of its path and answers with it. */
function oneJob({ ask, ...route }: JobCall): Route {
  return adminRoute({
    ...route,
    query: noQuery,
    answers: { 200: { description: 'The job', schema: oneJobAnswer } },
    errors: ['job_not_found'],
    handle: async ({ params: { id } }) => {
      const job = id !== undefined && isUuid(id) ? await ask(id.toLowerCase()) : undefined;
      if (job === undefined) throw new RequestRefused('job_not_found', 'no job has this id');
      return { status: 200, body: { job: presentJob(job) } };
    },
  });
}
