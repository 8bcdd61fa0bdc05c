import type { PositionVector } from '@soma/ledger';
import type { Conditions, ErrorCode } from '@soma/memory';
import type { z } from 'zod';
import type { RateClass, Role } from '@soma/access';
import type { Caller } from './access/caller.js';
import type { Preferences } from './prefer.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a handler gives back. `body` is sent as JSON; `text` as it is, under `content_type`. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  text?: string;
  content_type?: string;
  /** Sent piece by piece under `content_type`. */
  stream?: AsyncIterable<string>;
  /** Id of what was made or changed, for the trace that operators leave. */
  target?: string;
}

/** Request headers that a route honours, beside those that all honour. */
export type HonouredHeader =
  'Idempotency-Key' | 'If-Match' | 'If-None-Match' | 'Last-Event-ID' | 'Prefer' | 'Soma-Consistency-Token';

interface RouteDescription {
  method: Method;
  /** As OpenAPI writes it: `/memories/{coord}`. */
  path: string;
  /** Never changes: generated clients are named after it. */
  operationId: string;
  summary: string;
  tag: string;
  /** Status → what it means, and the shape of the body. */
  answers: Record<number, DescribedAnswer>;
  /** Codes this route can answer with, beside those that all can. */
  errors: readonly ErrorCode[];
}

interface DescribedAnswer {
  description: string;
  schema?: z.ZodType;
  content_type?: string;
  /** The media type of an answer that goes on; `schema` is of who asks for JSON. */
  stream?: string;
}

/** A route without a token, a namespace or a body. */
export interface PublicRoute extends RouteDescription {
  access: 'public';
  handle(): Promise<Answer>;
}

interface ProtectedRoute<Query extends z.ZodType, Body extends z.ZodType> extends RouteDescription {
  access: RateClass;
  /** The least that a caller has to be. */
  role: Role;
  query: Query;
  body?: RequestBody<Body>;
  headers: readonly HonouredHeader[];
  /** Does a request with this query and body leave a trace as an act of an operator? Absent: none does. */
  isAdminAct?(query: z.output<Query>, body: z.output<Body>): boolean;
}

/** A route behind a token, in one namespace. `query` and `body` are checked before `handle` sees them. */
export interface ApiRoute<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> extends ProtectedRoute<Query, Body> {
  within: 'namespace';
  handle(request: ApiRequest<z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/**
 * A route behind a token that has no namespace of its own. `caller`: it is about what the caller may enter.
 * `installation`: it reaches all namespaces and users, so only callers who may too can use it.
 */
export interface WideRoute<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> extends ProtectedRoute<Query, Body> {
  within: 'caller' | 'installation';
  handle(request: WideRequest<z.output<Query>, z.output<Body>>): Promise<Answer>;
}

export interface RequestBody<Body extends z.ZodType> {
  /** What a body has to be before `handle` sees it. */
  schema: Body;
  /** What the documentation shows, where `schema` leaves the items of a batch to be judged one by one. */
  documented?: z.ZodType;
  media_types: readonly string[];
  /** Of batches; the limit of all others is smaller. */
  large?: boolean;
  /** Lines of this schema, worked on as they arrive: `content` has their bytes, and `body` nothing. */
  streamed?: boolean;
}

/** What a handler is given of a request that names no namespace. */
export interface WideRequest<Query, Body> {
  id: string;
  caller: Caller;
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  /** A body that is worked on as it arrives, inflated; of other routes there is none. */
  content: AsyncIterable<Buffer>;
  /** The media type that the caller asks for, of those that the route has. */
  accepted: string;
  last_event_id: string | undefined;
  /** @throws what the token would be refused with now */
  revalidate: () => Promise<void>;
  /** Runs once when the answer is over, whatever came of it. */
  onClose: (work: () => void) => void;
  if_none_match: string | undefined;
  idempotency_key: string | null;
  /** SHA-256 hex of method, target, conditions and body. */
  request_hash: string;
  preferences: Preferences;
  traceparent: string | undefined;
  /** When the request arrived, on the clock of performance.now(). */
  arrived: number;
  /** Aborted when the caller is gone. */
  signal: AbortSignal;
  /** Told of the bytes of each part of the answer as it is got. @throws SomaError overloaded */
  hold: (bytes: number) => void;
}

export interface ApiRequest<Query, Body> extends WideRequest<Query, Body> {
  /** One that the caller may enter. */
  namespace: string;
  conditions: Conditions;
  /** Positions that the consistency token names; null without one. */
  after: PositionVector | null;
}

export type TokenRoute = ApiRoute | WideRoute;
export type Route = PublicRoute | TokenRoute;

/** Lets the compiler see the types of a route's query and body while the table of routes forgets them. */
export function apiRoute<Query extends z.ZodType, Body extends z.ZodType = z.ZodUndefined>(
  route: Omit<ApiRoute<Query, Body>, 'within'>,
): ApiRoute {
  return { ...route, within: 'namespace' };
}

/** A route about what the caller may enter. */
export function callerRoute<Query extends z.ZodType, Body extends z.ZodType = z.ZodUndefined>(
  route: Omit<WideRoute<Query, Body>, 'within'>,
): WideRoute {
  return { ...route, within: 'caller' };
}

/** A route of operators, over the whole installation. All but looking leaves a trace. */
export function adminRoute<Query extends z.ZodType, Body extends z.ZodType = z.ZodUndefined>(
  route: Omit<WideRoute<Query, Body>, 'within' | 'tag' | 'access' | 'role' | 'headers'> &
    Partial<Pick<WideRoute, 'headers'>>,
): WideRoute {
  const isAdminAct = (): boolean => route.method !== 'get';
  const fixed = { within: 'installation', tag: 'admin', access: 'admin', role: 'admin' } as const;
  return { headers: [], isAdminAct, ...route, ...fixed };
}
