import { presentMemory, type Memory } from '@soma/memory';
import type { z } from 'zod';
import { etagOf, isNotModified } from '../conditions.js';
import { requireErasing } from '../access/caller.js';
import { deleteCommand, patchCommand, storeCommand } from '../commands/memory-commands.js';
import { RequestRefused } from '../refusal.js';
import { apiRoute, type ApiRequest, type Route } from '../route.js';
import { eraseResult, memoriesAnswer, oneMemoryAnswer, writeResult } from '../schemas/answers.js';
import { noQuery, pastQuery } from '../schemas/reads.js';
import { deleteQuery, writeQuery } from '../schemas/writes.js';
import { writeAnswer } from '../write-answer.js';
import { momentOf } from './history.js';
import {
  CONDITIONAL_WRITE_HEADERS,
  JSON_ONLY,
  keyOf,
  READ_HEADERS,
  readOptions,
  submitOptions,
  type RouteDeps,
} from './route-deps.js';

const PATCH_TYPES = ['application/merge-patch+json', 'application/json'];

const STORED = {
  200: { description: 'The memory was replaced, and that is durable', schema: writeResult },
  201: { description: 'The memory is new, and that is durable', schema: writeResult },
  202: { description: 'The command will be carried out; not yet known how it ends', schema: writeResult },
};
const DELETE_ERRORS = [
  'invalid_coord',
  'invalid_consistency_token',
  'version_conflict',
  'already_exists',
  'idempotency_key_reused',
  'event_log_unavailable',
] as const;
const WRITE_ERRORS = [...DELETE_ERRORS, 'payload_too_large', 'unsupported_media_type'] as const;

/** One memory: store, replace, patch, read, delete; and several read at once. */
export function memoryRoutes(deps: RouteDeps): Route[] {
  return [
    postMemory(deps),
    putMemory(deps),
    patchMemory(deps),
    deleteMemory(deps),
    getMemory(deps),
    getMemories(deps),
  ];
}

function postMemory(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/memories',
    operationId: 'storeMemory',
    summary: 'Store a memory, replacing what is at its coord',
    tag: 'memories',
    access: 'write',
    role: 'writer',
    query: writeQuery,
    body: { schema: deps.writes.memory, media_types: JSON_ONLY },
    headers: CONDITIONAL_WRITE_HEADERS,
    answers: STORED,
    errors: [...WRITE_ERRORS, 'quota_exceeded'],
    handle: async (request) => {
      const command = storeCommand(request, 0, request.body);
      return writeAnswer(request, await deps.submitter.submit([{ command }], submitOptions(request, deps)));
    },
  });
}

function putMemory(deps: RouteDeps): Route {
  return apiRoute({
    method: 'put',
    path: '/memories/{coord}',
    operationId: 'replaceMemory',
    summary: 'Store a memory at a coord, replacing what is there',
    tag: 'memories',
    access: 'write',
    role: 'writer',
    query: writeQuery,
    body: { schema: deps.writes.replacement, media_types: JSON_ONLY },
    headers: CONDITIONAL_WRITE_HEADERS,
    answers: STORED,
    errors: [...WRITE_ERRORS, 'quota_exceeded'],
    handle: async (request) => {
      const command = storeCommand(request, 0, { ...request.body, coord: request.params['coord'] });
      return writeAnswer(request, await deps.submitter.submit([{ command }], submitOptions(request, deps)));
    },
  });
}

function patchMemory(deps: RouteDeps): Route {
  return apiRoute({
    method: 'patch',
    path: '/memories/{coord}',
    operationId: 'patchMemory',
    summary: 'Change a memory by JSON Merge Patch',
    tag: 'memories',
    access: 'write',
    role: 'writer',
    query: writeQuery,
    body: { schema: deps.writes.patch, media_types: PATCH_TYPES },
    headers: CONDITIONAL_WRITE_HEADERS,
    answers: { 200: STORED[200], 202: STORED[202] },
    errors: [...WRITE_ERRORS, 'memory_not_found', 'quota_exceeded'],
    handle: async (request) => {
      const command = patchCommand(request, 0, request.params['coord'] ?? '', request.body);
      return writeAnswer(request, await deps.submitter.submit([{ command }], submitOptions(request, deps)));
    },
  });
}

function deleteMemory(deps: RouteDeps): Route {
  return apiRoute({
    method: 'delete',
    path: '/memories/{coord}',
    operationId: 'deleteMemory',
    summary: 'Delete a memory; deleted says whether there was one',
    tag: 'memories',
    access: 'write',
    role: 'writer',
    query: deleteQuery,
    isAdminAct: ({ erase }) => erase,
    headers: CONDITIONAL_WRITE_HEADERS,
    answers: {
      200: { description: 'There is no such memory any more', schema: eraseResult },
      202: STORED[202],
    },
    errors: DELETE_ERRORS,
    handle: async (request) => {
      if (request.query.erase) requireErasing(request.caller);
      const command = deleteCommand(request, 0, request.params['coord'] ?? '', request.query.erase);
      const submitted = await deps.submitter.submit([{ command }], submitOptions(request, deps));
      return { ...writeAnswer(request, submitted), target: command.command_id };
    },
  });
}

function getMemory(deps: RouteDeps): Route {
  return apiRoute({
    method: 'get',
    path: '/memories/{coord}',
    operationId: 'getMemory',
    summary: 'Read a memory, as it is or as it was',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: pastQuery,
    headers: [...READ_HEADERS, 'If-None-Match'],
    answers: {
      200: { description: 'The memory', schema: oneMemoryAnswer },
      304: { description: 'It is still as If-None-Match names it' },
    },
    errors: [
      'invalid_coord',
      'invalid_consistency_token',
      'memory_not_found',
      'history_expired',
      'not_yet_consistent',
    ],
    handle: async (request) => {
      const memory = await readMemory(request, deps);
      const etag = etagOf(memory);
      if (isNotModified(request.if_none_match, etag)) return { status: 304, headers: { ETag: etag } };
      return { status: 200, headers: { ETag: etag }, body: { memory: presentMemory(memory) } };
    },
  });
}

async function readMemory(
  request: ApiRequest<z.output<typeof pastQuery>, unknown>,
  deps: RouteDeps,
): Promise<Memory> {
  const key = keyOf(request.params['coord'] ?? '');
  const past = momentOf(request.query);
  if (past !== null) return deps.reads.past(request, { key, ...past }, readOptions(request, deps));
  const [memory] = await deps.reads.get(request, [key], readOptions(request, deps));
  if (memory !== undefined && memory !== null) return memory;
  throw new RequestRefused('memory_not_found', 'there is no memory at this coord');
}

function getMemories(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/memories/get',
    operationId: 'getMemories',
    summary: 'Read several memories; null where there is none',
    tag: 'memories',
    access: 'read',
    role: 'reader',
    query: noQuery,
    body: { schema: deps.readSchemas.get, media_types: JSON_ONLY },
    headers: READ_HEADERS,
    answers: { 200: { description: 'The memories, by position', schema: memoriesAnswer } },
    errors: ['invalid_coord', 'invalid_consistency_token', 'not_yet_consistent', 'unsupported_media_type'],
    handle: async (request) => {
      const keys = request.body.coords.map(keyOf);
      const found = keys.length === 0 ? [] : await deps.reads.get(request, keys, readOptions(request, deps));
      return {
        status: 200,
        body: { memories: found.map((memory) => (memory === null ? null : presentMemory(memory))) },
      };
    },
  });
}
