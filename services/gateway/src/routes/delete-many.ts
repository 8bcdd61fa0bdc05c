import type { JsonObject } from '@soma/memory';
import type { Job } from '@soma/jobs';
import type { AskedRequest } from '../access/caller-requests.js';
import { requireErasing } from '../access/caller.js';
import { requireChoice, type ScopeFields } from '../choice.js';
import { envelopeOf } from '../commands/memory-commands.js';
import { RequestRefused } from '../refusal.js';
import { errorOfRequest, presentRequest, statusOfRequest, tokenOfRequest } from '../requested-operation.js';
import { apiRoute, type Answer, type ApiRequest, type Route } from '../route.js';
import { operationAnswer } from '../schemas/answers.js';
import { deleteManyBody, type DeleteManyBody } from '../schemas/delete-many.js';
import { writeQuery } from '../schemas/writes.js';
import type { Until } from '../submit.js';
import { untilOver } from '../until-over.js';
import { JSON_ONLY, submitOptions, WRITE_HEADERS, type RouteDeps } from './route-deps.js';

type DeleteManyRequest = ApiRequest<{ until: Until }, DeleteManyBody>;

/** Deletion by filter: a job of the writer, whose id is the operation's. */
export function deleteManyRoutes(deps: RouteDeps): Route[] {
  return [
    apiRoute({
      method: 'post',
      path: '/memories/delete',
      operationId: 'deleteMemories',
      summary: 'Delete the memories that pass a filter, or count them',
      tag: 'memories',
      access: 'write',
      role: 'writer',
      isAdminAct: (_query, { erase }) => erase,
      query: writeQuery,
      body: { schema: deleteManyBody, media_types: JSON_ONLY },
      headers: WRITE_HEADERS,
      answers: {
        200: { description: 'All that matched is deleted', schema: operationAnswer },
        202: { description: 'How far it is; the operation goes on', schema: operationAnswer },
      },
      errors: [
        'invalid_filter',
        'invalid_consistency_token',
        'too_many_matched',
        'cancelled',
        'unsupported_media_type',
        'idempotency_key_reused',
      ],
      handle: async (request) => {
        const { filters, all, erase } = request.body;
        requireChoice(filters, { scope: scopeOf(request.body), all: all ?? false });
        if (erase) requireErasing(request.caller);
        const { job, created } = await deps.requests.begin(request, askedOf(request));
        const options = submitOptions(request, deps);
        const wait = { ...options, asker: request };
        const latest = options.until === 'accepted' ? job : await untilOver(job, wait, deps);
        return { ...(await answerOf(latest, created, request, deps)), target: job.job_id };
      },
    }),
  ];
}

function askedOf(request: DeleteManyRequest): AskedRequest {
  const { command_id, request_hash } = envelopeOf(request, 0);
  const has_key = request.idempotency_key !== null;
  return { job_id: command_id, kind: 'delete', request: jobRequestOf(request.body), request_hash, has_key };
}

/** As the writer reads it. */
function jobRequestOf(body: DeleteManyBody): JsonObject {
  const { filters, at_most, dry_run, erase } = body;
  return {
    ...(filters === undefined ? {} : { filters }),
    scope: scopeOf(body) as JsonObject,
    at_most,
    dry_run,
    erase,
  };
}

function scopeOf({ user_id, agent_id, thread_id, memory_type }: DeleteManyBody): ScopeFields {
  const fields = Object.entries({ user_id, agent_id, thread_id, memory_type });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

async function answerOf(
  job: Job,
  created: boolean,
  request: DeleteManyRequest,
  { watch, installation, ...deps }: RouteDeps,
): Promise<Answer> {
  const { applied } = request.preferences;
  const shared: Record<string, string> = {
    ...(applied === null ? {} : { 'Preference-Applied': applied }),
    ...(created ? {} : { 'Idempotency-Replayed': 'true' }),
  };
  const error = errorOfRequest(job);
  if (error !== null) throw new RequestRefused(error.code, error.detail, { headers: shared });
  const { until, deadline, signal } = submitOptions(request, deps);
  const patience = until === 'indexed' ? Math.max(0, deadline - performance.now()) : 0;
  const status = await statusOfRequest(job, watch, patience, signal);
  const token = tokenOfRequest(job, request.after, installation);
  const headers = token === null ? shared : { ...shared, 'Soma-Consistency-Token': token };
  const body = presentRequest(job, status);
  const isShort = status === 'accepted' || (status === 'stored' && until === 'indexed');
  if (!isShort) return { status: 200, headers, body };
  return { status: 202, headers: { ...headers, Location: `/operations/${job.job_id}` }, body };
}
