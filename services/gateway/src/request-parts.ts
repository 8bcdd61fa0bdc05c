import type { Request } from 'express';
import { HEADERS } from '@soma/events';
import type { JsonValue, Limits } from '@soma/memory';
import { formatTraceparent, continueTrace } from '@soma/service';
import type { Caller } from './access/caller.js';
import type { Admission } from './admission.js';
import { parseConditions } from './conditions.js';
import type { GatewaySettings } from './config.js';
import { positionsOfToken } from './consistency.js';
import type { ExchangeResponse } from './exchange.js';
import { parseIdempotencyKey, requestHash } from './idempotency.js';
import type { KnownInstallation } from './installation.js';
import { checkMediaType } from './media-type.js';
import { parsePrefer } from './prefer.js';
import { expectedBytes, inflated, readBody } from './read-body.js';
import { invalidHeader } from './refusal.js';
import { headerOf, namespaceOf } from './request-headers.js';
import type { ApiRoute, HonouredHeader, TokenRoute } from './route.js';
import { parseJsonBody, validateBody } from './validate.js';

export interface PartsDeps {
  settings: GatewaySettings;
  limits: Limits;
  admission: Admission;
  installation: KnownInstallation;
}

/** Levels that a request puts around a payload: `{"operations": [{"payload": …}]}`. */
const ENVELOPE_DEPTH = 3;

/** Where a request works. @throws what `namespaceOf` and the headers are refused with */
export function placeOf(route: ApiRoute, request: Request, caller: Caller, { installation }: PartsDeps) {
  const namespace = namespaceOf(request, caller);
  const token = honoured(route, request, 'Soma-Consistency-Token');
  const writes = route.access === 'write';
  return {
    namespace,
    after: positionsOfToken(token, namespace, () => installation.current()),
    conditions: parseConditions(
      writes ? honoured(route, request, 'If-Match') : undefined,
      writes ? honoured(route, request, 'If-None-Match') : undefined,
    ),
  };
}

/** What the headers say that this route honours. */
export function headersOf(route: TokenRoute, request: Request, { settings }: PartsDeps) {
  if (route.access === 'write') refuseUnheededConditions(route, request);
  const traceparent = headerOf(request, HEADERS.traceparent);
  return {
    if_none_match: honoured(route, request, 'If-None-Match'),
    last_event_id: honoured(route, request, 'Last-Event-ID'),
    idempotency_key: parseIdempotencyKey(honoured(route, request, 'Idempotency-Key')),
    preferences: parsePrefer(honoured(route, request, 'Prefer'), settings.SOMA_MAX_WAIT),
    traceparent: traceparent === undefined ? undefined : formatTraceparent(continueTrace(traceparent)),
  };
}

function honoured(route: TokenRoute, request: Request, name: HonouredHeader): string | undefined {
  return route.headers.includes(name) ? headerOf(request, name.toLowerCase()) : undefined;
}

/** A condition that is not looked at would let a write through that its sender meant to be refused. */
function refuseUnheededConditions(route: TokenRoute, request: Request): void {
  for (const name of ['If-Match', 'If-None-Match'] as const) {
    if (route.headers.includes(name) || headerOf(request, name.toLowerCase()) === undefined) continue;
    throw invalidHeader(name, 'this route takes no such condition');
  }
}

/** The body as the route's schema has it, and what makes two requests the same. */
export async function contentOf(
  route: TokenRoute,
  request: Request,
  response: ExchangeResponse,
  deps: PartsDeps,
) {
  if (route.body?.streamed === true) return streamedContent(route, request, response, deps);
  const bytes = await bytesOf(route, request, response, deps);
  const request_hash = requestHash({
    method: request.method,
    target: request.originalUrl,
    if_match: headerOf(request, 'if-match'),
    if_none_match: headerOf(request, 'if-none-match'),
    body: bytes,
  });
  const { body } = route;
  return {
    request_hash,
    content: NO_CONTENT,
    body: body === undefined ? undefined : validateBody(body.schema, parse(bytes, deps.limits)),
  };
}

const NO_CONTENT: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => NOTHING };
const NOTHING: AsyncIterator<Buffer> = { next: () => Promise.resolve({ done: true, value: undefined }) };

/** What its reader may hold of a body that is worked on as it arrives: lines to be stored at once, and one more. */
const STREAM_ROOM_BYTES = 8 * 1024 * 1024;

function streamedContent(
  { body, method }: TokenRoute,
  request: Request,
  response: ExchangeResponse,
  { admission }: PartsDeps,
) {
  checkMediaType(request, body?.media_types ?? [], method);
  response.locals.releases.push(admission.holdBody(STREAM_ROOM_BYTES));
  response.locals.arrival.release();
  response.locals.releases.push(() => {
    // Nobody reads what may still come.
    if (!request.complete) request.destroy();
  });
  const { method: sent, originalUrl: target } = request;
  const none = { if_match: undefined, if_none_match: undefined, body: Buffer.alloc(0) };
  return {
    request_hash: requestHash({ method: sent, target, ...none }),
    content: inflated(request),
    body: undefined,
  };
}

async function bytesOf(
  { body, method }: TokenRoute,
  request: Request,
  response: ExchangeResponse,
  { settings, admission }: PartsDeps,
): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  checkMediaType(request, body.media_types, method);
  const limit = body.large === true ? settings.SOMA_MAX_BATCH_BYTES : settings.SOMA_MAX_BODY_BYTES;
  response.locals.releases.push(admission.holdBody(expectedBytes(request, limit)));
  return readBody(request, response, limit);
}

function parse(bytes: Buffer, limits: Limits): JsonValue {
  return parseJsonBody(bytes, limits.json_depth + ENVELOPE_DEPTH);
}
