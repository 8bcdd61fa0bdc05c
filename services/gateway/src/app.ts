import { isLoopbackName } from '@soma/service';
import compression from 'compression';
import express, { type NextFunction, type Request } from 'express';
import type { Logger } from 'pino';
import { validate as isUuid, v7 } from 'uuid';
import { Arrival } from './arrival.js';
import type { ExchangeResponse, ExchangeState } from './exchange.js';
import type { GatewayMetrics } from './metrics.js';
import { addressOf, serveApi, servePublic, type PipelineDeps } from './pipeline.js';
import { problemOf } from './problem.js';
import { RequestRefused } from './refusal.js';
import { checkHeaders, headerOf } from './request-headers.js';
import {
  preflightHeaders,
  refuseForeignPages,
  setCommonHeaders,
  setCorsHeaders,
} from './response-headers.js';
import type { Method, Route } from './route.js';
import { sendAnswer, sendProblem } from './send-answer.js';

export interface AppDeps extends PipelineDeps {
  routes: readonly Route[];
  metrics: GatewayMetrics;
  logger: Logger;
}

/** The express application: begin → routes by path → 404 → problems. */
export function createApp(deps: AppDeps): express.Express {
  const app = express();
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('trust proxy', deps.settings.SOMA_TRUSTED_PROXIES);

  app.use((request: Request, response: ExchangeResponse, next: NextFunction) => {
    begin(request, response, deps);
    next();
  });
  if (deps.settings.SOMA_COMPRESSION) app.use(compression());
  app.use((request: Request, response: ExchangeResponse, next: NextFunction) => {
    checkRequest(request, response, deps);
    next();
  });
  for (const [path, routes] of byPath(deps.routes)) {
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request: Request, response: ExchangeResponse) => {
      response.locals.route = path;
      await serve(routes, request, response, deps);
    });
  }
  app.use(async (request: Request) => {
    await deps.rates.takePublic('route_not_found', addressOf(request));
    throw new RequestRefused('route_not_found', 'there is no such route; /docs lists them all');
  });
  app.use((error: unknown, _request: Request, response: ExchangeResponse, next: NextFunction) => {
    refuse(error, response, deps, next);
  });
  return app;
}

/** Paths with names before paths with parameters: `search` is no coord. */
function byPath(routes: readonly Route[]): [string, Map<Method, Route>][] {
  const paths = new Map<string, Map<Method, Route>>();
  for (const route of routes) {
    paths.set(route.path, (paths.get(route.path) ?? new Map<Method, Route>()).set(route.method, route));
  }
  return [...paths].sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')));
}

function begin(request: Request, response: ExchangeResponse, deps: AppDeps): void {
  const { metrics, logger, settings } = deps;
  const sent = headerOf(request, 'x-request-id');
  const id = sent !== undefined && isUuid(sent) ? sent.toLowerCase() : v7();
  const arrival = new Arrival(request, settings.SOMA_REQUEST_TIMEOUT * 1000, () => {
    endLate(request, response, deps);
  });
  Object.assign(response.locals, {
    id,
    arrived: performance.now(),
    route: 'none',
    arrival,
    releases: [],
  } satisfies ExchangeState);
  setCommonHeaders(response, id);
  setCorsHeaders(request, response, settings.SOMA_CORS_ORIGINS);
  response.once('close', () => {
    const { arrived, route, refused, releases } = response.locals;
    for (const release of releases) release();
    const seconds = (performance.now() - arrived) / 1000;
    const status = response.statusCode;
    metrics.requested({ route, method: request.method, status, seconds });
    if (refused?.code === 'overloaded') metrics.overloaded();
    if (status < 400 && refused === undefined) return;
    const line = {
      request_id: id,
      method: request.method,
      route,
      status,
      code: refused?.code,
      duration_ms: Math.round(seconds * 1000),
    };
    if (status >= 500) logger.error({ ...line, err: refused?.error }, 'request failed');
    else logger.info(line, 'request refused');
  });
}

/** Who answers before the body is there has no more use for it. */
function endLate(request: Request, response: ExchangeResponse, deps: AppDeps): void {
  const end = (): void => {
    request.destroy();
  };
  if (response.headersSent) {
    end();
    return;
  }
  response.once('finish', end);
  const late = new RequestRefused('request_timeout', 'the request did not arrive in time', {
    headers: { Connection: 'close' },
  });
  refuse(late, response, deps, end);
}

function checkRequest(request: Request, response: ExchangeResponse, { settings, admission }: AppDeps): void {
  if (admission.stopping) {
    throw new RequestRefused('shutting_down', 'this process is stopping; try again', {
      headers: { Connection: 'close' },
    });
  }
  if (Buffer.byteLength(request.originalUrl) > settings.SOMA_MAX_URI_BYTES) {
    throw new RequestRefused('uri_too_long', `path and query may have ${settings.SOMA_MAX_URI_BYTES} bytes`);
  }
  if (isLoopbackName(settings.SOMA_API_HOST)) {
    refuseForeignPages(request, settings.SOMA_ALLOWED_HOSTS, settings.SOMA_CORS_ORIGINS);
  }
  checkHeaders(request, settings.SOMA_MAX_HEADERS);
  response.locals.route = 'unknown';
}

async function serve(
  routes: ReadonlyMap<Method, Route>,
  request: Request,
  response: ExchangeResponse,
  deps: AppDeps,
): Promise<void> {
  const allowed = [...routes.keys()]
    .flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .join(', ');
  const preflight = preflightHeaders(request, deps.settings.SOMA_CORS_ORIGINS, allowed);
  if (preflight !== undefined) {
    sendAnswer(response, { status: 204, headers: preflight });
    return;
  }
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
  const route = routes.get(method as Method);
  if (route === undefined) {
    await deps.rates.takePublic('method_not_allowed', addressOf(request));
    throw new RequestRefused('method_not_allowed', 'the route does not have this method', {
      headers: { Allow: allowed },
    });
  }
  const answer =
    route.access === 'public'
      ? await servePublic(route, request, response, deps)
      : await serveApi(route, request, response, deps);
  sendAnswer(response, answer);
}

function refuse(error: unknown, response: ExchangeResponse, { settings }: AppDeps, next: NextFunction): void {
  const known = asRefusal(error);
  const { problem, headers } = problemOf(known, {
    request_id: response.locals.id,
    docs_url: settings.SOMA_DOCS_URL,
  });
  response.locals.refused = { code: problem.code, error: known };
  // Too late for another answer: express's own handler cuts the connection.
  if (response.headersSent) next(error);
  else if (!response.destroyed) sendProblem(response, problem, headers);
}

/** Express refuses a path whose escapes are not UTF-8 with an error of its own. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof URIError)) return error;
  return new RequestRefused('invalid_request', 'the path has an escape that is not UTF-8', { cause: error });
}
