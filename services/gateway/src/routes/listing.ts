import {
  presentMemory,
  compareComponents,
  EVERYTHING,
  parseCoordinate,
  type ListPosition,
} from '@soma/memory';
import type { ListRequest, RangeRequest } from '@soma/reads';
import type { z } from 'zod';
import { bindingOf, cursorTo, positionIn } from '../cursor.js';
import { invalidParameter, RequestRefused } from '../refusal.js';
import { apiRoute, type Answer, type ApiRequest, type Route } from '../route.js';
import { countAnswer, pageAnswer } from '../schemas/listing.js';
import { noQuery, type ReadSchemas } from '../schemas/reads.js';
import { getHistory } from './history.js';
import { listNamespaces } from './namespaces.js';
import { filtersInQuery, requestedFilter } from './requested-filter.js';
import { JSON_ONLY, READ_HEADERS, readOptions, type RouteDeps } from './route-deps.js';

const ERRORS = ['invalid_filter', 'invalid_consistency_token', 'not_yet_consistent'] as const;

/** What there is in a namespace, page by page, how much, what it was; and which namespaces there are. */
export function listingRoutes(deps: RouteDeps): Route[] {
  return [listMemories(deps), getRange(deps), countMemories(deps), getHistory(deps), listNamespaces(deps)];
}

function listMemories(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/memories',
    operationId: 'listMemories',
    summary: 'List memories, each once while others write',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: deps.readSchemas.list,
    headers: READ_HEADERS,
    answers: { 200: { description: 'One page, in order', schema: pageAnswer } },
    errors: [...ERRORS, 'invalid_cursor', 'cursor_expired'],
    handle: (request) => list(request, deps),
  });
}

async function list(
  request: ApiRequest<z.output<ReadSchemas['list']>, unknown>,
  deps: RouteDeps,
): Promise<Answer> {
  const {
    limit,
    cursor,
    filters,
    since = null,
    until_time = null,
    order,
    direction,
    ...scope
  } = request.query;
  const filter = requestedFilter({ ...scope, filters: filtersInQuery(filters, deps.limits.json_depth) });
  const asked: Omit<ListRequest, 'after' | 'limit'> = { filter, order, direction, since, until: until_time };
  const binding = bindingOf(request, 'listMemories', asked, deps);
  const after = positionIn(cursor, binding) as ListPosition | null;
  const { memories, next } = await deps.reads.list(
    request,
    { ...asked, after, limit },
    readOptions(request, deps),
  );
  const next_cursor = next === null ? null : cursorTo(next, binding);
  return { status: 200, body: { memories: memories.map(presentMemory), next_cursor } };
}

function getRange(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/memories/range',
    operationId: 'getRange',
    summary: 'Memories whose numbers are inside a box, in the order of their numbers',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: deps.readSchemas.range,
    headers: READ_HEADERS,
    answers: { 200: { description: 'One page', schema: pageAnswer } },
    errors: ['invalid_coord', 'invalid_consistency_token', 'not_yet_consistent', 'invalid_cursor'],
    handle: async (request) => {
      const { min, max, limit, cursor } = request.query;
      const box = boxOf(min, max);
      const binding = bindingOf(request, 'getRange', box, deps);
      const after = positionIn(cursor, binding) as string | null;
      const asked = { ...box, filter: EVERYTHING, after, limit };
      const { memories, next } = await deps.reads.range(request, asked, readOptions(request, deps));
      const next_cursor = next === null ? null : cursorTo(next, binding);
      return { status: 200, body: { memories: memories.map(presentMemory), next_cursor } };
    },
  });
}

/** @throws RequestRefused invalid_coord, or invalid_request for what bounds no box */
function boxOf(min: string, max: string): Pick<RangeRequest, 'min' | 'max'> {
  const [low, high] = [componentsOf(min), componentsOf(max)];
  if (low.length !== high.length) {
    throw invalidParameter('max', `has ${high.length} numbers where min has ${low.length}`);
  }
  const isInverted = low.some((least, at) => compareComponents(least, high[at] ?? least) > 0);
  if (isInverted) throw invalidParameter('max', 'is smaller than min in one of its numbers');
  return { min: low, max: high };
}

function componentsOf(corner: string): string[] {
  const coordinate = parseCoordinate(corner);
  if (coordinate?.kind === 'numeric') return coordinate.components;
  throw new RequestRefused(
    'invalid_coord',
    'min and max are 1 to 64 comma-separated numbers of at most 15 digits',
  );
}

function countMemories(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/memories/count',
    operationId: 'countMemories',
    summary: 'Count the memories that a filter passes',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: noQuery,
    body: { schema: deps.readSchemas.count, media_types: JSON_ONLY },
    headers: READ_HEADERS,
    answers: { 200: { description: 'How many there are', schema: countAnswer } },
    errors: [...ERRORS, 'unsupported_media_type'],
    handle: async (request) => {
      const filter = requestedFilter(request.body);
      const count = await deps.reads.count(request, { filter }, readOptions(request, deps));
      return { status: 200, body: { count } };
    },
  });
}
