import { isLoopbackName } from '@soma/service';
import type { Request, Response } from 'express';
import { RequestRefused } from './refusal.js';

/** Headers of answers that pages of other origins may read. */
const EXPOSED = [
  'ETag',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Soma-Consistency-Token',
  'Preference-Applied',
  'Idempotency-Replayed',
].join(', ');
const REQUESTABLE = [
  'Authorization',
  'Content-Type',
  'Soma-Namespace',
  'Soma-Consistency-Token',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'Prefer',
].join(', ');
/** Seconds that a browser may remember a preflight. */
const PREFLIGHT_SECONDS = '600';

/** What every answer carries, whatever becomes of the request. */
export function setCommonHeaders(response: Response, requestId: string): void {
  response.set({
    'X-Request-Id': requestId,
    'Cache-Control': 'private, no-cache',
    Vary: 'Accept, Accept-Encoding, Authorization, Origin, Soma-Namespace, Soma-Consistency-Token',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  });
}

/** Opens the answer to pages of an origin that is listed. */
export function setCorsHeaders(request: Request, response: Response, origins: readonly string[]): void {
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return;
  response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED });
}

/** Is it a preflight of a listed origin? Then these are the headers of its answer. */
export function preflightHeaders(
  request: Request,
  origins: readonly string[],
  allowed: string,
): Record<string, string> | undefined {
  const { origin } = request.headers;
  const asks = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (!asks || origin === undefined || !origins.includes(origin)) return undefined;
  return {
    'Access-Control-Allow-Methods': allowed,
    'Access-Control-Allow-Headers': REQUESTABLE,
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  };
}

/**
 * On a loopback address, Host and any Origin must be loopback or listed: a page that had its name rebound to
 * 127.0.0.1 would otherwise reach the API past the browser's origin rules.
 */
export function refuseForeignPages(
  request: Request,
  hosts: readonly string[],
  origins: readonly string[],
): void {
  const { host, origin } = request.headers;
  const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname;
  if (host !== undefined && (name === undefined || !(isLoopbackName(name) || hosts.includes(name)))) {
    throw new RequestRefused('forbidden', 'the Host header names another host than this one', {
      faults: [{ header: 'Host', detail: 'must be a loopback name, or listed in SOMA_ALLOWED_HOSTS' }],
    });
  }
  if (origin === undefined || origins.includes(origin)) return;
  const originName = URL.parse(origin)?.hostname;
  if (originName === undefined || !isLoopbackName(originName)) {
    throw new RequestRefused('forbidden', 'pages of that origin may not call this API', {
      faults: [{ header: 'Origin', detail: 'must be a loopback name, or listed in SOMA_CORS_ORIGINS' }],
    });
  }
}
