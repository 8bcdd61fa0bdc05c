import type { NewAct } from '@soma/access';
import type { Request } from 'express';
import { isSomaError } from '@soma/memory';
import type { Audit } from './access/audit.js';
import { refuseTokenInUrl, type Authenticator } from './access/authenticate.js';
import { requireRole, requireWholeInstallation, type Caller } from './access/caller.js';
import type { ExchangeResponse } from './exchange.js';
import { parseQueryString } from './query-string.js';
import type { RateLimits } from './rate-limits.js';
import { RequestRefused } from './refusal.js';
import { headerOf } from './request-headers.js';
import { contentOf, headersOf, placeOf, type PartsDeps } from './request-parts.js';
import type { Answer, ApiRoute, PublicRoute, TokenRoute, WideRequest, WideRoute } from './route.js';
import { noQuery } from './schemas/reads.js';
import { checkAcceptable } from './send-answer.js';
import { validateQuery } from './validate.js';

export interface PipelineDeps extends PartsDeps {
  authenticator: Authenticator;
  audit: Audit;
  rates: RateLimits;
}

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

/** A request with a token: who → how often → may they → where → what, then the route's own handler. */
export async function serveApi(
  route: TokenRoute,
  request: Request,
  response: ExchangeResponse,
  deps: PipelineDeps,
): Promise<Answer> {
  const parameters = parseQueryString(request.originalUrl);
  const caller = await authenticate(request, Object.keys(parameters), deps);
  response.locals.releases.push(deps.admission.enter());
  response.set(await deps.rates.takeToken(route.access, caller));
  requireRole(caller, route.role);
  if (route.within === 'installation') requireWholeInstallation(caller);
  const place = route.within === 'namespace' ? placeOf(route, request, caller, deps) : null;
  const accepted = checkAcceptable(request, ...mediaTypesOf(route));

  const query = validateQuery(route.query, parameters);
  const given = { ...headersOf(route, request, deps), ...(await contentOf(route, request, response, deps)) };
  const { id, arrived } = response.locals;
  const answer = deps.admission.holdAnswer();
  response.locals.releases.push(answer.release);
  const wide: WideRequest<unknown, unknown> = {
    ...given,
    id,
    arrived,
    caller,
    params: request.params as Record<string, string>,
    query,
    accepted,
    revalidate: async () => {
      requireRole(await deps.authenticator.authenticate(headerOf(request, 'authorization')), route.role);
    },
    onClose: (work) => {
      response.locals.releases.push(work);
    },
    signal: signalOf(response),
    hold: answer.add,
  };
  const handle = (): Promise<Answer> =>
    place === null ? (route as WideRoute).handle(wide) : (route as ApiRoute).handle({ ...wide, ...place });
  if (route.isAdminAct?.(query, given.body) !== true) return handle();
  return deps.audit.recorded(actOf(route, request, wide, place?.namespace ?? null), handle);
}

/** What is written down of a request before it is carried out: ids, and nothing that was sent. */
function actOf(
  { operationId }: TokenRoute,
  request: Request,
  { id, caller, params }: WideRequest<unknown, unknown>,
  namespace: string | null,
): NewAct {
  return {
    request_id: id,
    subject: caller.subject,
    action: operationId,
    address: addressOf(request),
    namespace,
    target: params['id'] ?? params['namespace'] ?? null,
  };
}

/** Failed attempts count against the address, so that nobody tries tokens at will. */
async function authenticate(
  request: Request,
  parameters: readonly string[],
  deps: PipelineDeps,
): Promise<Caller> {
  try {
    refuseTokenInUrl(parameters);
    return await deps.authenticator.authenticate(headerOf(request, 'authorization'));
  } catch (error) {
    if (!isOutage(error)) await deps.rates.takeFailedAttempt(addressOf(request));
    throw error;
  }
}

/** The token may be a good one. */
function isOutage(error: unknown): boolean {
  return isSomaError(error) && error.retryable;
}

/** What a route can answer with, what it prefers first. */
function mediaTypesOf(route: TokenRoute): string[] {
  const streams = Object.values(route.answers).flatMap(({ stream }) => stream ?? []);
  const types = Object.values(route.answers).flatMap(({ content_type }) => content_type ?? []);
  return types.length > 0 ? types : [...streams, 'application/json'];
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
