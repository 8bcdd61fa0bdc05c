import { scopedFilter, type JsonValue } from '@soma/memory';
import type { SearchRequest } from '@soma/reads';
import { presentSearch } from '../present.js';
import { apiRoute, type Answer, type ApiRequest, type Route } from '../route.js';
import { searchAnswer } from '../schemas/answers.js';
import { noQuery, type SearchBody } from '../schemas/reads.js';
import { filtersInQuery, requestedFilter } from './requested-filter.js';
import { JSON_ONLY, READ_HEADERS, readOptions, type RouteDeps } from './route-deps.js';

const ANSWERS = { 200: { description: 'What was found, best first', schema: searchAnswer } };
const ERRORS = [
  'invalid_filter',
  'invalid_consistency_token',
  'not_yet_consistent',
  'deadline_exceeded',
] as const;

/** Search, with a body or with a query string. */
export function searchRoutes(deps: RouteDeps): Route[] {
  return [
    apiRoute({
      method: 'post',
      path: '/memories/search',
      operationId: 'searchMemories',
      summary: 'Search memories by meaning and by words',
      tag: 'search',
      access: 'search',
      role: 'reader',
      query: noQuery,
      body: { schema: deps.readSchemas.search, media_types: JSON_ONLY },
      headers: READ_HEADERS,
      answers: ANSWERS,
      errors: [...ERRORS, 'unsupported_media_type'],
      handle: (request) => search(request, request.body, deps),
    }),
    apiRoute({
      method: 'get',
      path: '/memories/search',
      operationId: 'searchMemoriesByQuery',
      summary: 'Search memories by meaning and by words',
      tag: 'search',
      access: 'search',
      role: 'reader',
      query: deps.readSchemas.searchQuery,
      headers: READ_HEADERS,
      answers: ANSWERS,
      errors: ERRORS,
      handle: (request) => {
        const { filters, ...rest } = request.query;
        const parsed = filtersInQuery(filters, deps.limits.json_depth);
        return search(request, { ...rest, filters: parsed }, deps);
      },
    }),
  ];
}

type Search = Omit<SearchBody, 'filters' | 'recency'> & {
  filters?: JsonValue | undefined;
  recency?: SearchBody['recency'];
};

async function search(
  request: ApiRequest<unknown, unknown>,
  asked: Search,
  deps: RouteDeps,
): Promise<Answer> {
  const { user_id, agent_id, thread_id, recency } = asked;
  const wanted: Omit<SearchRequest, 'user_id'> = {
    query: asked.query,
    top_k: asked.top_k,
    offset: asked.offset,
    mode: asked.mode,
    filter: requestedFilter(asked),
    scope: scopedFilter({ user_id, agent_id, thread_id }),
    min_similarity: asked.min_similarity ?? null,
    context: asked.context,
    recency: recency === undefined ? null : { half_life_ms: recency.half_life, weight: recency.weight },
    importance_weight: asked.importance_weight,
    explain: asked.explain,
  };
  const found = await deps.reads.search(request, wanted, readOptions(request, deps));
  return { status: 200, body: presentSearch(found) };
}
