import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { RequestRefused } from '../refusal.js';
import type { InnerRequest } from './in-process-http.js';

/** How a call is said in the HTTP API: its request, and what the answer is in the words of the .proto. */
export interface Translation {
  request: (message: JsonObject) => InnerRequest;
  answer: (body: JsonObject, headers: IncomingHttpHeaders) => JsonObject;
  /** Takes as much as a batch may. */
  large?: boolean;
}

/** Calls with one answer, by their names in the .proto. */
export const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  Put: {
    request: ({ memory, until, if_version, if_absent }) => ({
      method: 'POST',
      target: target('/memories', { until }),
      headers: conditions(if_version, if_absent),
      body: JSON.stringify(memory ?? {}),
    }),
    answer: (body, headers) => ({ result: body, ...token(headers) }),
  },
  Get: {
    request: ({ coord, version, as_of }) => ({
      method: 'GET',
      target: target(memoryPath(coord), { version, as_of }),
      headers: {},
    }),
    answer: (body) => body,
  },
  Delete: {
    request: ({ coord, until, if_version }) => ({
      method: 'DELETE',
      target: target(memoryPath(coord), { until }),
      headers: conditions(if_version, undefined),
    }),
    answer: (body, headers) => ({ result: body, deleted: body['deleted'] ?? null, ...token(headers) }),
  },
  BatchPut: {
    large: true,
    request: ({ operations, until }) => ({
      method: 'POST',
      target: target('/memories/batch', { until }),
      headers: {},
      body: JSON.stringify({ operations: objects(operations).map(putOperation) }),
    }),
    answer: (body, headers) => ({ ...body, ...token(headers) }),
  },
  Search: {
    request: (message) => ({
      method: 'POST',
      target: '/memories/search',
      headers: {},
      body: JSON.stringify({ query: '', ...message }),
    }),
    answer: ({ memories, ...rest }) => ({ ...rest, hits: objects(memories).map(withMemory) }),
  },
  Neighbors: {
    request: (message) => ({
      method: 'GET',
      target: target('/graph/neighbors', { coord: '', ...message }),
      headers: {},
    }),
    answer: ({ nodes, ...rest }) => ({ ...rest, nodes: objects(nodes).map(withMemory) }),
  },
};

/** The request of a Watch; its answer goes on. */
export function watchRequest(message: JsonObject): InnerRequest {
  return { method: 'GET', target: target('/events', message), headers: { accept: 'text/event-stream' } };
}

/** Every byte escaped: a coord such as `search` is no other route. @throws RequestRefused invalid_coord for none */
function memoryPath(coord: JsonValue | undefined): string {
  if (typeof coord !== 'string' || coord === '')
    throw new RequestRefused('invalid_coord', 'a coord is needed');
  const bytes = [...Buffer.from(coord)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`);
  return `/memories/${bytes.join('')}`;
}

function target(path: string, parameters: Readonly<Record<string, JsonValue | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, wordOf(value));
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function conditions(version: JsonValue | undefined, absent: JsonValue | undefined): Record<string, string> {
  return {
    ...(version === undefined ? {} : { 'if-match': `"${wordOf(version)}"` }),
    ...(absent === true ? { 'if-none-match': '*' } : {}),
  };
}

function wordOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** An int64 is a string in protobuf's JSON. */
function putOperation({ memory, if_version, ...rest }: JsonObject): JsonObject {
  const version = if_version === undefined ? {} : { if_version: Number(if_version) };
  return { op: 'put', ...(memory as JsonObject | undefined), ...rest, ...version };
}

/** Fields beside the memory's own stay where they are; the message takes those that it has. */
function withMemory(hit: JsonObject): JsonObject {
  return { ...hit, memory: hit };
}

function token(headers: IncomingHttpHeaders): JsonObject {
  const value = headers['soma-consistency-token'];
  return typeof value === 'string' ? { consistency_token: value } : {};
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return (value ?? []) as JsonObject[];
}
