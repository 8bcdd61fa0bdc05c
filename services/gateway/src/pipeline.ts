import type { Request } from 'express';
import { HEADERS } from '@soma/events';
import type { JsonValue, Limits } from '@soma/memory';
import { formatTraceparent, continueTrace } from '@soma/service';
import type { Admission } from './admission.js';
import { refuseTokenInUrl, type Authenticator, type Caller } from './authenticate.js';
import { parseConditions } from './conditions.js';
import type { GatewaySettings } from './config.js';
import { positionsOfToken } from './consistency.js';
import type { ExchangeResponse } from './exchange.js';
import { parseIdempotencyKey, requestHash } from './idempotency.js';
import type { KnownInstallation } from './installation.js';
import { checkMediaType } from './media-type.js';
import { parsePrefer } from './prefer.js';
import { parseQueryString } from './query-string.js';
import type { RateLimits } from './rate-limits.js';
import { expectedBytes, readBody } from './read-body.js';
import { invalidHeader, RequestRefused } from './refusal.js';
import { headerOf, namespaceOf } from './request-headers.js';
import type { Answer, ApiRoute, HonouredHeader, PublicRoute } from './route.js';
import { noQuery } from './schemas/reads.js';
import { checkAcceptable } from './send-answer.js';
import { parseJsonBody, validateBody, validateQuery } from './validate.js';

export interface PipelineDeps {
  settings: GatewaySettings;
  limits: Limits;
  authenticator: Authenticator;
  rates: RateLimits;
  admission: Admission;
  installation: KnownInstallation;
}

/** Levels that a request puts around a payload: `{"operations": [{"payload": …}]}`. */
const ENVELOPE_DEPTH = 3;

/** A request without a token: limits by address → query → answer. */
export async function servePublic(
  route: PublicRoute,
  request: Request,
  response: ExchangeResponse,
  deps: PipelineDeps,
): Promise<Answer> {
  response.set(await deps.rates.takePublic(route.path, addressOf(request)));
  checkAcceptable(request, mediaTypeOf(route));
  validateQuery(noQuery, parseQueryString(request.originalUrl));
  return route.handle();
}

/** A request with a token: who → where → how often → what, then the route's own handler. */
export async function serveApi(
  route: ApiRoute,
  request: Request,
  response: ExchangeResponse,
  deps: PipelineDeps,
): Promise<Answer> {
  const parameters = parseQueryString(request.originalUrl);
  const caller = await authenticate(request, Object.keys(parameters), deps);
  const namespace = namespaceOf(request, caller.default_namespace);
  response.locals.releases.push(deps.admission.enter());
  response.set(await deps.rates.takeToken(route.access, caller.subject));
  checkAcceptable(request, 'application/json');

  const headers = headersOf(route, request, namespace, deps);
  const query = validateQuery(route.query, parameters);
  const bytes = await bytesOf(route, request, response, deps);
  const request_hash = requestHash({
    method: request.method,
    target: request.originalUrl,
    if_match: headerOf(request, 'if-match'),
    if_none_match: headerOf(request, 'if-none-match'),
    body: bytes,
  });
  const body =
    route.body === undefined ? undefined : validateBody(route.body.schema, parse(bytes, deps.limits));

  const { id, arrived } = response.locals;
  const params = request.params as Record<string, string>;
  const signal = signalOf(response);
  const answer = deps.admission.holdAnswer();
  response.locals.releases.push(answer.release);
  return route.handle({
    id,
    arrived,
    caller,
    namespace,
    params,
    query,
    body,
    request_hash,
    signal,
    hold: answer.add,
    ...headers,
  });
}

/** Failed attempts count against the address, so that nobody tries tokens at will. */
async function authenticate(
  request: Request,
  parameters: readonly string[],
  deps: PipelineDeps,
): Promise<Caller> {
  try {
    refuseTokenInUrl(parameters);
    return deps.authenticator.authenticate(headerOf(request, 'authorization'));
  } catch (error) {
    await deps.rates.takeFailedAttempt(addressOf(request));
    throw error;
  }
}

function headersOf(
  route: ApiRoute,
  request: Request,
  namespace: string,
  { settings, installation }: PipelineDeps,
) {
  const honoured = (name: HonouredHeader): string | undefined =>
    route.headers.includes(name) ? headerOf(request, name.toLowerCase()) : undefined;
  const writes = route.access === 'write';
  if (writes) refuseUnheededConditions(route, request);
  const traceparent = headerOf(request, HEADERS.traceparent);
  return {
    conditions: parseConditions(
      writes ? honoured('If-Match') : undefined,
      writes ? honoured('If-None-Match') : undefined,
    ),
    if_none_match: honoured('If-None-Match'),
    idempotency_key: parseIdempotencyKey(honoured('Idempotency-Key')),
    preferences: parsePrefer(honoured('Prefer'), settings.SOMA_MAX_WAIT),
    after: positionsOfToken(honoured('Soma-Consistency-Token'), namespace, () => installation.current()),
    traceparent: traceparent === undefined ? undefined : formatTraceparent(continueTrace(traceparent)),
  };
}

/** A condition that is not looked at would let a write through that its sender meant to be refused. */
function refuseUnheededConditions(route: ApiRoute, request: Request): void {
  for (const name of ['If-Match', 'If-None-Match'] as const) {
    if (route.headers.includes(name) || headerOf(request, name.toLowerCase()) === undefined) continue;
    throw invalidHeader(name, 'this route takes no such condition');
  }
}

async function bytesOf(
  { body, method }: ApiRoute,
  request: Request,
  response: ExchangeResponse,
  { settings, admission }: PipelineDeps,
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

function mediaTypeOf(route: PublicRoute): string {
  return route.answers[200]?.content_type ?? 'application/json';
}

/** As the trusted proxies tell it; the peer's own without any. */
export function addressOf(request: Request): string {
  return request.ip ?? 'unknown';
}

function signalOf(response: ExchangeResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new RequestRefused('request_timeout', 'the caller is gone'));
  });
  return gone.signal;
}
