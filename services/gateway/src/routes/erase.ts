import type { JobKind } from '@soma/jobs';
import type { JsonObject } from '@soma/memory';
import { requireChoice } from '../choice.js';
import { jobAccepted } from '../present-job.js';
import { adminRoute, type Answer, type Route } from '../route.js';
import { oneJobAnswer } from '../schemas/answers.js';
import { eraseBody, eraseCheckBody, type EraseBody, type EraseCheckBody } from '../schemas/erase.js';
import { noQuery } from '../schemas/reads.js';
import { JSON_ONLY, keyOf, type AdminRouteDeps } from './route-deps.js';

const ACCEPTED = { 202: { description: 'The job that does it', schema: oneJobAnswer } };

/** Memories with all that is kept of them, and the proof that they are gone. Both are jobs of the writer. */
export function eraseRoutes(deps: AdminRouteDeps): Route[] {
  return [erase(deps), checkErased(deps)];
}

function erase(deps: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/erase',
    operationId: 'eraseMemories',
    summary: 'Remove memories from everything but the topics, and say when these let go',
    query: noQuery,
    body: { schema: eraseBody, media_types: JSON_ONLY },
    answers: ACCEPTED,
    errors: ['invalid_coord', 'invalid_filter', 'unsupported_media_type'],
    handle: ({ body, caller }) => {
      if (body.filters !== undefined) requireChoice(body.filters);
      const { at_most, dry_run } = body;
      return begin('erase', { ...requestOf(body), at_most, dry_run }, caller.subject, deps);
    },
  });
}

function checkErased(deps: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/erase/check',
    operationId: 'checkErased',
    summary: 'Look through all topics and tables for what is still of some memories',
    query: noQuery,
    body: { schema: eraseCheckBody, media_types: JSON_ONLY },
    answers: ACCEPTED,
    errors: ['invalid_coord', 'unsupported_media_type'],
    handle: ({ body, caller }) => begin('check-erased', requestOf(body), caller.subject, deps),
  });
}

/** What the job is given. @throws RequestRefused invalid_coord */
function requestOf(body: EraseBody | EraseCheckBody): JsonObject {
  const { namespace, coord, coords = coord === undefined ? undefined : [coord], all } = body;
  coords?.forEach(keyOf);
  if (coords !== undefined) return { namespace, coords };
  if (all === true) return { namespace, all };
  return { namespace, filters: 'filters' in body ? (body.filters ?? {}) : {} };
}

async function begin(
  kind: JobKind,
  request: JsonObject,
  issuer: string,
  { jobs }: AdminRouteDeps,
): Promise<Answer> {
  return jobAccepted(await jobs.create({ kind, request, issuer }));
}
