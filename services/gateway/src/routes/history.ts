import { formatTime, presentMemory } from '@soma/memory';
import type { HistoryReader, MemoryVersion, PastRequest } from '@soma/reads';
import { bindingOf, cursorTo, positionIn } from '../cursor.js';
import { apiRoute, type Route } from '../route.js';
import { historyAnswer } from '../schemas/listing.js';
import { keyOf, READ_HEADERS, readOptions, type RouteDeps } from './route-deps.js';

export function getHistory(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/memories/{coord}/history',
    operationId: 'getMemoryHistory',
    summary: 'The versions of a memory, newest first; of one that is deleted, for admins only',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: deps.readSchemas.history,
    headers: READ_HEADERS,
    answers: { 200: { description: 'One page', schema: historyAnswer } },
    errors: [
      'invalid_coord',
      'invalid_cursor',
      'invalid_consistency_token',
      'memory_not_found',
      'not_yet_consistent',
    ],
    handle: async (request) => {
      const { limit, cursor } = request.query;
      const key = keyOf(request.params['coord'] ?? '');
      const binding = bindingOf(request, 'getMemoryHistory', { key }, deps);
      const before = positionIn(cursor, binding) as number | null;
      const asked = { key, before, limit };
      const { versions, next } = await deps.reads.history(request, asked, readOptions(request, deps));
      const next_cursor = next === null ? null : cursorTo(next, binding);
      return { status: 200, body: { versions: versions.map(presentVersion), next_cursor } };
    },
  });
}

function presentVersion({ state, operation_id, issuer }: MemoryVersion): Record<string, unknown> {
  return {
    version: state.version,
    at: formatTime(state.updated_at),
    operation_id,
    issuer,
    deleted: state.deleted,
    memory: state.deleted ? null : presentMemory(state),
  };
}

type AskedPast = Omit<PastRequest, keyof HistoryReader>;

/** What version and as_of of a read name; null when it is about now. */
export function momentOf({
  version,
  as_of,
}: {
  version?: number | undefined;
  as_of?: number | undefined;
}): AskedPast | null {
  if (version !== undefined) return { moment: { version } };
  return as_of === undefined ? null : { moment: { as_of } };
}
