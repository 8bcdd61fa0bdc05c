import { jobAccepted } from '../present-job.js';
import { adminRoute, type Route } from '../route.js';
import { oneJobAnswer } from '../schemas/answers.js';
import { noQuery } from '../schemas/reads.js';
import { reindexBody } from '../schemas/reindex.js';
import { JSON_ONLY, type AdminRouteDeps } from './route-deps.js';

const ACCEPTED = {
  202: { description: 'The job; it waits until the indexer runs', schema: oneJobAnswer },
};

/** The index with another embedder, while everything runs. */
export function reindexRoutes(deps: AdminRouteDeps): Route[] {
  return [reindex(deps), rollBack(deps), finish(deps)];
}

function reindex({ jobs }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/reindex',
    operationId: 'reindex',
    summary:
      'Make the index with another embedder beside the one in use, switch to it, and keep the former one',
    query: noQuery,
    body: { schema: reindexBody, media_types: JSON_ONLY },
    answers: ACCEPTED,
    errors: ['unsupported_media_type'],
    handle: async ({ body, caller }) => {
      const { embedder, model = null, url = null, dimension = null, rate = null, sample = null } = body;
      const request = { embedder, model, url, dimension, rate, sample };
      return jobAccepted(await jobs.create({ kind: 'reindex', request, issuer: caller.subject }));
    },
  });
}

function rollBack(deps: AdminRouteDeps): Route {
  return plainJob(deps, {
    path: '/admin/reindex/rollback',
    operationId: 'rollBackReindex',
    summary: 'Let searches use the embedder before the last reindex again, and keep the one that they used',
    kind: 'rollback-reindex',
  });
}

function finish(deps: AdminRouteDeps): Route {
  return plainJob(deps, {
    path: '/admin/reindex/finish',
    operationId: 'finishReindex',
    summary: 'Let the embedder go that was kept for a rollback',
    kind: 'finish-reindex',
  });
}

interface PlainJob extends Pick<Route, 'path' | 'operationId' | 'summary'> {
  kind: 'rollback-reindex' | 'finish-reindex';
}

/** A job that needs to be told nothing. */
function plainJob({ jobs }: AdminRouteDeps, { kind, ...route }: PlainJob): Route {
  return adminRoute({
    ...route,
    method: 'post',
    query: noQuery,
    answers: ACCEPTED,
    errors: [],
    handle: async ({ caller }) =>
      jobAccepted(await jobs.create({ kind, request: {}, issuer: caller.subject })),
  });
}
