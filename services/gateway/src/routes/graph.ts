import { z } from 'zod';
import { linkCommand, unlinkCommand } from '../commands/link-commands.js';
import { presentGraph } from '../present.js';
import { apiRoute, type Route } from '../route.js';
import { graphAnswer, linkResult, pathAnswer } from '../schemas/answers.js';
import { coord } from '../schemas/fields.js';
import { writeQuery } from '../schemas/writes.js';
import { writeAnswer } from '../write-answer.js';
import {
  JSON_ONLY,
  keyOf,
  READ_HEADERS,
  readOptions,
  submitOptions,
  WRITE_HEADERS,
  type RouteDeps,
} from './route-deps.js';

const WRITE_ERRORS = [
  'invalid_coord',
  'invalid_consistency_token',
  'idempotency_key_reused',
  'event_log_unavailable',
] as const;
const READ_ERRORS = ['invalid_coord', 'invalid_consistency_token', 'not_yet_consistent'] as const;
const ACCEPTED = {
  description: 'The command will be carried out; not yet known how it ends',
  schema: linkResult,
};

/** Links between memories, and walks along them. */
export function graphRoutes(deps: RouteDeps): Route[] {
  return [postLink(deps), deleteLink(deps), neighbors(deps), path(deps)];
}

function postLink(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/graph/links',
    operationId: 'linkMemories',
    summary: 'Link two memories; a link of the same ends and type is replaced',
    tag: 'graph',
    access: 'write',
    role: 'writer',
    query: writeQuery,
    body: { schema: deps.writes.link, media_types: JSON_ONLY },
    headers: WRITE_HEADERS,
    answers: {
      200: { description: 'The link was replaced, and that is durable', schema: linkResult },
      201: { description: 'The link is new, and that is durable', schema: linkResult },
      202: ACCEPTED,
    },
    // To a token that is bound to a user, an end that is not its own.
    errors: [...WRITE_ERRORS, 'memory_not_found', 'payload_too_large', 'unsupported_media_type'],
    handle: async (request) => {
      const command = linkCommand(request, request.body);
      return writeAnswer(request, await deps.submitter.submit([{ command }], submitOptions(request, deps)));
    },
  });
}

const unlinkQuery = z.strictObject({
  ...writeQuery.shape,
  from_coord: coord,
  to_coord: coord,
  type: z.string().min(1).default('related'),
});

function deleteLink(deps: RouteDeps): Route {
  return apiRoute({
    method: 'delete',
    path: '/graph/links',
    operationId: 'unlinkMemories',
    summary: 'Remove a link; deleted says whether there was one',
    tag: 'graph',
    access: 'write',
    role: 'writer',
    query: unlinkQuery,
    headers: WRITE_HEADERS,
    answers: { 200: { description: 'There is no such link any more', schema: linkResult }, 202: ACCEPTED },
    errors: WRITE_ERRORS,
    handle: async (request) => {
      const command = unlinkCommand(request, request.query);
      return writeAnswer(request, await deps.submitter.submit([{ command }], submitOptions(request, deps)));
    },
  });
}

function neighbors(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/graph/neighbors',
    operationId: 'getNeighbors',
    summary: 'Memories around one, nearest and heaviest links first',
    tag: 'graph',
    access: 'read',
    role: 'reader',
    query: deps.readSchemas.neighbors,
    headers: READ_HEADERS,
    answers: { 200: { description: 'The memories and the links between them', schema: graphAnswer } },
    errors: READ_ERRORS,
    handle: async (request) => {
      const { coord: from, type, direction, depth, limit } = request.query;
      const asked = { key: keyOf(from), link_type: type ?? null, direction, depth, limit };
      const found = await deps.reads.neighbors(request, asked, readOptions(request, deps));
      return { status: 200, body: presentGraph(found) };
    },
  });
}

function path(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/graph/path',
    operationId: 'getPath',
    summary: 'The cheapest path between two memories, by the sum of 1/weight',
    tag: 'graph',
    access: 'read',
    role: 'reader',
    query: deps.readSchemas.path,
    headers: READ_HEADERS,
    answers: {
      200: { description: 'The memories and links of the path, in order, and its cost', schema: pathAnswer },
    },
    errors: [...READ_ERRORS, 'no_path'],
    handle: async (request) => {
      const { from_coord, to_coord, type, max_depth } = request.query;
      const asked = {
        from_key: keyOf(from_coord),
        to_key: keyOf(to_coord),
        link_type: type ?? null,
        max_depth,
      };
      const found = await deps.reads.path(request, asked, readOptions(request, deps));
      return { status: 200, body: { ...presentGraph(found), cost: found.cost } };
    },
  });
}
