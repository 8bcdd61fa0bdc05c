import type { Reads } from '@soma/reads';
import type { Registry } from 'prom-client';
import { DOCS_HEADERS, docsPage } from '../docs-page.js';
import type { OpenApiDocument } from '../openapi.js';
import type { Answer, PublicRoute } from '../route.js';
import { aliveAnswer, pingAnswer, readyAnswer, rootAnswer, statsAnswer } from '../schemas/answers.js';

export interface ServiceRouteDeps {
  registry: Registry;
  readiness: () => Promise<{ ready: boolean; dependencies: Record<string, boolean> }>;
  totals: Reads['totals'];
  /** The OpenAPI document of all routes, these among them. */
  openapi: () => OpenApiDocument;
}

const NO_STORE = { 'Cache-Control': 'no-store' };
/** Public answers that cost something are made once in this time, milliseconds. */
const REMEMBER_MS = 1_000;

/** What the service says of itself: without a token, and without anything of a namespace. */
export function serviceRoutes(deps: ServiceRouteDeps): PublicRoute[] {
  return [...aliveRoutes(), ...stateRoutes(deps), ...documentRoutes(deps)];
}

function aliveRoutes(): PublicRoute[] {
  const alive = { 200: { description: 'The process is alive', schema: aliveAnswer } };
  const handle = (): Promise<Answer> => json({ status: 'alive' });
  return [
    publicRoute('/', 'getRoot', 'What this is', {
      answers: { 200: { description: 'Name, and where the documentation is', schema: rootAnswer } },
      handle: () => json({ name: 'SomaFractalMemory', documentation: '/docs', openapi: '/openapi.json' }),
    }),
    publicRoute('/ping', 'ping', 'Is anyone there', {
      answers: { 200: { description: 'Yes', schema: pingAnswer } },
      handle: () => json({ ping: 'pong' }),
    }),
    publicRoute('/health', 'getHealth', 'Is the process alive', { answers: alive, handle }),
    publicRoute('/healthz', 'getHealthz', 'Is the process alive', { answers: alive, handle }),
  ];
}

function stateRoutes({ registry, readiness, totals }: ServiceRouteDeps): PublicRoute[] {
  const rememberedTotals = remembered(totals);
  const rememberedReadiness = remembered(readiness);
  return [
    publicRoute('/readyz', 'getReadiness', 'Can the process do its work', {
      answers: {
        200: { description: 'It can', schema: readyAnswer },
        503: { description: 'It cannot; the state of each dependency', schema: readyAnswer },
      },
      handle: async () => {
        const state = await rememberedReadiness();
        return { status: state.ready ? 200 : 503, headers: NO_STORE, body: state };
      },
    }),
    publicRoute('/stats', 'getStats', 'Totals over everything; may lag behind writes by seconds', {
      answers: { 200: { description: 'The totals', schema: statsAnswer } },
      handle: async () => json(await rememberedTotals()),
    }),
    publicRoute('/metrics', 'getMetrics', 'Metrics for Prometheus', {
      answers: { 200: { description: 'Prometheus text format', content_type: 'text/plain' } },
      handle: async () => {
        const text = await registry.metrics();
        return { status: 200, headers: NO_STORE, text, content_type: registry.contentType };
      },
    }),
  ];
}

function documentRoutes({ openapi }: ServiceRouteDeps): PublicRoute[] {
  return [
    publicRoute('/openapi.json', 'getOpenApi', 'This description', {
      answers: { 200: { description: 'OpenAPI 3.1', content_type: 'application/json' } },
      handle: () => json(openapi()),
    }),
    publicRoute('/docs', 'getDocs', 'This description, to be read', {
      answers: { 200: { description: 'A page that needs nothing else', content_type: 'text/html' } },
      handle: () =>
        Promise.resolve({
          status: 200,
          headers: DOCS_HEADERS,
          text: docsPage(openapi()),
          content_type: 'text/html; charset=utf-8',
        }),
    }),
  ];
}

function publicRoute(
  path: string,
  operationId: string,
  summary: string,
  rest: Pick<PublicRoute, 'answers' | 'handle'>,
): PublicRoute {
  return { method: 'get', path, operationId, summary, tag: 'service', access: 'public', errors: [], ...rest };
}

function json(body: unknown): Promise<Answer> {
  return Promise.resolve({ status: 200, body });
}

/** Makes an answer at most once in a second, however many ask. A failure is not remembered. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let last: { value: Promise<T>; until: number } | undefined;
  return () => {
    if (last !== undefined && performance.now() < last.until) return last.value;
    const entry = { value: make(), until: performance.now() + REMEMBER_MS };
    last = entry;
    entry.value.catch(() => {
      if (last === entry) last = undefined;
    });
    return entry.value;
  };
}
