import type { IncomingHttpHeaders } from 'node:http';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Problem } from '../problem.js';
import { statusOf } from './status.js';

/** Metadata that means to the HTTP face what a header of that name does. */
const TO_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'idempotency-key',
  'prefer',
  'traceparent',
  'x-forwarded-for',
  'x-request-id',
]);

/** Headers of answers that callers get as metadata. */
const FROM_HEADERS = [
  'x-request-id',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'soma-consistency-token',
  'preference-applied',
  'idempotency-replayed',
] as const;

/** Each value by itself, so that what is given twice is seen; all of `soma-`, so that a misspelled one is. */
export function headersOf(metadata: Metadata): Record<string, string[]> {
  const names = Object.keys(metadata.getMap());
  const forwarded = names.filter((name) => TO_HEADERS.has(name) || name.startsWith('soma-'));
  return Object.fromEntries(forwarded.map((name) => [name, metadata.get(name).map(String)]));
}

export function metadataOf(headers: IncomingHttpHeaders): Metadata {
  const metadata = new Metadata();
  for (const name of FROM_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') metadata.set(name, value);
  }
  return metadata;
}

/** A problem as gRPC tells it: the status, the detail with the places that are wrong, and the rest as metadata. */
export function errorOf(problem: Problem, headers: IncomingHttpHeaders): ServiceError {
  const metadata = metadataOf(headers);
  metadata.set('soma-code', problem.code);
  metadata.set('soma-problem-bin', Buffer.from(JSON.stringify(problem)));
  const places = (problem.errors ?? []).map(
    ({ detail, ...place }) => `${Object.values(place).join()}: ${detail}`,
  );
  const details = [problem.detail, ...places].join('; ');
  const code = statusOf(problem.code);
  return Object.assign(new Error(details), { code, details, metadata });
}
