import type { IncomingMessage } from 'node:http';
import { isNamespace } from '@soma/memory';
import { entersNamespace, forbidden, type Caller } from './access/caller.js';
import { invalidHeader, RequestRefused } from './refusal.js';

const SOMA_HEADERS: ReadonlySet<string> = new Set(['soma-namespace', 'soma-consistency-token']);

/** Headers that mean something here and have one value; a second one would be dropped or joined unseen. */
const SINGLE_HEADERS = [
  'authorization',
  'content-type',
  'content-encoding',
  'idempotency-key',
  'soma-namespace',
  'soma-consistency-token',
];

/**
 * What Node's parser lets through and this API does not: too many fields, a header twice that has one value, and
 * misspelled Soma-* headers, which would otherwise write elsewhere than the caller means.
 */
export function checkHeaders(request: IncomingMessage, maxHeaders: number): void {
  if (request.rawHeaders.length / 2 > maxHeaders) {
    throw new RequestRefused('headers_too_large', `at most ${maxHeaders} header fields are taken`);
  }
  for (const name of SINGLE_HEADERS) {
    if ((request.headersDistinct[name]?.length ?? 0) > 1) throw invalidHeader(name, 'is given twice');
  }
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith('soma-') && !SOMA_HEADERS.has(name)) {
      throw invalidHeader(name, 'is not a header of this API; Soma-Namespace and Soma-Consistency-Token are');
    }
  }
}

/** The value of a header that has one; of a list header, its values joined. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * The namespace that a request means, and that its caller may enter.
 * @throws RequestRefused invalid_request for what is no namespace, namespace_required, forbidden
 */
export function namespaceOf(request: IncomingMessage, caller: Caller): string {
  const namespace = headerOf(request, 'soma-namespace') ?? caller.default_namespace;
  if (namespace === null) {
    if (caller.namespaces?.length === 0) throw forbidden('this token enters no namespace');
    throw new RequestRefused('namespace_required', 'name one of the namespaces of this token', {
      faults: [{ header: 'Soma-Namespace', detail: 'is needed with this token' }],
    });
  }
  if (!isNamespace(namespace)) {
    throw invalidHeader('Soma-Namespace', 'a namespace is of the form [a-z0-9][a-z0-9_.-]{0,62}');
  }
  if (!entersNamespace(caller, namespace)) throw forbidden('this token may not enter that namespace');
  return namespace;
}
