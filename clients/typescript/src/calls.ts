import { SomaError } from './errors.js';
import type { ApiCall } from './transport.js';
import type { CallOptions, ConditionalWriteOptions, WriteOptions } from './types.js';

/** Words that are paths under /memories, and so never coords. */
const RESERVED = new Set(['batch', 'count', 'delete', 'get', 'messages', 'range', 'search']);

/** @throws SomaError invalid_coord for what would lead to another path than a memory's */
export function pathOfMemory(coord: string): string {
  if (coord === '' || coord.startsWith('.') || RESERVED.has(coord)) {
    throw new SomaError('a coord is not empty, begins with no dot, and is no reserved word', {
      code: 'invalid_coord',
      status: null,
      retryable: false,
    });
  }
  return `/memories/${encodeURIComponent(coord)}`;
}

/** A filter as queries have it: JSON. */
export function asQuery(filters: object | undefined): string | undefined {
  return filters === undefined ? undefined : JSON.stringify(filters);
}

/** A call that changes nothing. */
export function readCall(call: ApiCall, { waitSeconds }: CallOptions): ApiCall {
  return { ...call, waitSeconds };
}

/** A call that may be repeated: it has a key by which the service knows it again. */
export function writeCall(
  call: ApiCall,
  { until, idempotencyKey, waitSeconds, ifVersion, ifAbsent }: WriteOptions & ConditionalWriteOptions,
): ApiCall {
  return {
    ...call,
    query: { ...call.query, until },
    headers: {
      ...call.headers,
      'Idempotency-Key': idempotencyKey ?? newKey(),
      'If-Match': ifVersion === undefined ? undefined : `"${ifVersion}"`,
      'If-None-Match': ifAbsent === true ? '*' : undefined,
    },
    waitSeconds,
  };
}

/** Not crypto.randomUUID: browsers have that on https pages only. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
