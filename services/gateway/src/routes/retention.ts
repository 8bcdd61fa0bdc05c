import { formatTime, type JsonObject } from '@soma/memory';
import type { KeptPolicy, RetentionPolicy } from '@soma/memory-store';
import { jobAccepted } from '../present-job.js';
import { RequestRefused } from '../refusal.js';
import { adminRoute, type Route } from '../route.js';
import { oneJobAnswer } from '../schemas/answers.js';
import { noQuery } from '../schemas/reads.js';
import {
  onePolicyAnswer,
  policiesAnswer,
  removedAnswer,
  retentionBody,
  retentionQuery,
  type RetentionBody,
} from '../schemas/retention.js';
import { cursorAfter, idOfCursor, NAMESPACE_FORM, pageOf } from './page-cursor.js';
import { JSON_ONLY, namespaceIn, type AdminRouteDeps } from './route-deps.js';

const PATH = '/admin/retention/{namespace}';
const POLICY = { 200: { description: 'The policy and what it has done', schema: onePolicyAnswer } };

/** What namespaces let go of by themselves. The writer enforces it; here it is set, shown and tried. */
export function retentionRoutes(deps: AdminRouteDeps): Route[] {
  return [listPolicies(deps), getPolicy(deps), setPolicy(deps), removePolicy(deps), tryPolicy(deps)];
}

function listPolicies({ policies }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/retention',
    operationId: 'listRetention',
    summary: 'The retention policies, by namespace',
    query: retentionQuery,
    answers: { 200: { description: 'A page of them', schema: policiesAnswer } },
    errors: ['invalid_cursor'],
    handle: async ({ query: { limit, cursor } }) => {
      const after = idOfCursor(cursor, [], NAMESPACE_FORM);
      const found = await policies.list({ after, limit: limit + 1 });
      const { page, next_cursor } = pageOf(found, limit, ({ namespace }) => cursorAfter(namespace, []));
      return { status: 200, body: { retention: page.map(presentPolicy), next_cursor } };
    },
  });
}

function getPolicy({ policies }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: PATH,
    operationId: 'getRetention',
    summary: 'The retention policy of a namespace',
    query: noQuery,
    answers: POLICY,
    errors: ['retention_not_found'],
    handle: async ({ params }) => {
      const kept = await policies.get(namespaceIn(params));
      if (kept === undefined) {
        throw new RequestRefused('retention_not_found', 'the namespace has no retention policy');
      }
      return { status: 200, body: { retention: presentPolicy(kept) } };
    },
  });
}

function setPolicy({ policies }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'put',
    path: PATH,
    operationId: 'setRetention',
    summary: 'Set the retention policy of a namespace; it is enforced at once and then regularly',
    query: noQuery,
    body: { schema: retentionBody, media_types: JSON_ONLY },
    answers: POLICY,
    errors: ['unsupported_media_type'],
    handle: async ({ params, body, caller }) => {
      const kept = await policies.set(namespaceIn(params), policyOf(body), caller.subject);
      return { status: 200, body: { retention: presentPolicy(kept) } };
    },
  });
}

function removePolicy({ policies }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'delete',
    path: PATH,
    operationId: 'removeRetention',
    summary: 'Let a namespace keep everything; removed says whether it had a policy',
    query: noQuery,
    answers: { 200: { description: 'There is none any more', schema: removedAnswer } },
    errors: [],
    handle: async ({ params }) => ({
      status: 200,
      body: { removed: await policies.remove(namespaceIn(params)) },
    }),
  });
}

function tryPolicy({ jobs }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: `${PATH}/try`,
    operationId: 'tryRetention',
    summary: 'Say what a policy would delete now and why, and delete nothing',
    query: noQuery,
    body: { schema: retentionBody, media_types: JSON_ONLY },
    answers: { 202: { description: 'The job that finds it out', schema: oneJobAnswer } },
    errors: ['unsupported_media_type'],
    handle: async ({ params, body, caller }) => {
      const request = { namespace: namespaceIn(params), policy: policyOf(body) as unknown as JsonObject };
      return jobAccepted(await jobs.create({ kind: 'try-retention', request, issuer: caller.subject }));
    },
  });
}

function policyOf({ ttl_seconds, max_memories, decay }: RetentionBody): RetentionPolicy {
  const terms = { ttl_seconds: ttl_seconds ?? null, max_memories: max_memories ?? null };
  if (decay === undefined) return { ...terms, decay: null };
  const { half_life, min_score, accesses } = decay;
  return { ...terms, decay: { half_life_seconds: half_life / 1_000, min_score, accesses } };
}

function presentPolicy(kept: KeptPolicy): Record<string, unknown> {
  const { namespace, updated_by, last_run, deleted } = kept;
  return {
    namespace,
    policy: presentTerms(kept.policy),
    updated_at: formatTime(kept.updated_at),
    updated_by,
    due_at: formatTime(kept.due_at),
    last_run: last_run === null ? null : { at: formatTime(last_run.at), deleted: last_run.deleted },
    deleted,
  };
}

/** As it was sent: what comes out can be put in again. */
function presentTerms({ ttl_seconds, max_memories, decay }: RetentionPolicy): Record<string, unknown> {
  return {
    ...(ttl_seconds === null ? {} : { ttl_seconds }),
    ...(max_memories === null ? {} : { max_memories }),
    ...(decay === null
      ? {}
      : {
          decay: {
            half_life: durationText(decay.half_life_seconds),
            min_score: decay.min_score,
            accesses: decay.accesses,
          },
        }),
  };
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** In days where they divide it, else in hours or minutes. */
function durationText(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? UNITS[2];
  return `${seconds / size}${unit}`;
}
