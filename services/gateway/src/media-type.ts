import type { Request } from 'express';
import { RequestRefused } from './refusal.js';
import type { Method } from './route.js';

/** Where RFC 5789 and RFC 9110 section 12.3 let a server say what it would have taken. */
const SAYS_ACCEPTED: Partial<Record<Method, string>> = { patch: 'Accept-Patch', post: 'Accept-Post' };

/** @throws RequestRefused unsupported_media_type, invalid_request for no body at all */
export function checkMediaType(request: Request, accepted: readonly string[], method: Method): void {
  const { 'content-length': length, 'transfer-encoding': chunked } = request.headers;
  if (Number(length ?? 0) === 0 && chunked === undefined) {
    throw new RequestRefused('invalid_request', 'the body is empty; JSON is needed');
  }
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  // JSON is UTF-8 (RFC 8259 section 8.1); a parameter that says otherwise means other bytes.
  const isUtf8 = parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter),
  );
  if (accepted.includes(type) && isUtf8) return;
  throw new RequestRefused('unsupported_media_type', `this route takes ${accepted.join(' or ')}, in UTF-8`, {
    headers: { [SAYS_ACCEPTED[method] ?? 'Accept']: accepted.join(', ') },
  });
}
