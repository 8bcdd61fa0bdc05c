import type { ErrorCode } from '@soma/memory';
import { z } from 'zod';
import { HEADER_DESCRIPTIONS } from './openapi-headers.js';
import { PROBLEMS, publicCode } from './problem.js';
import type { Route, TokenRoute } from './route.js';
import * as answers from './schemas/answers.js';

type Json = Record<string, unknown>;

export interface OpenApiDocument extends Json {
  openapi: string;
  info: {
    title: string;
    version: string;
    description: string;
    license: { name: string; identifier: string };
  };
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: Json & { schemas: Record<string, Json> };
}

export interface OpenApiOperation extends Json {
  operationId: string;
  summary: string;
  tags: string[];
  parameters: Json[];
  requestBody?: { required: true; content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
}

/** Shapes that the document names; everything else stands where it is used. */
const NAMED: Record<string, z.ZodType> = {
  Memory: answers.memoryAnswer,
  WriteResult: answers.writeResult,
  LinkResult: answers.linkResult,
  RejectedResult: answers.rejectedResult,
  Link: answers.linkAnswer,
  Operation: answers.operationAnswer,
  Problem: answers.problemAnswer,
};

/** The OpenAPI 3.1 document of these routes, made from the schemas that requests are checked with. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'SomaFractalMemory',
      version: '1.0.0',
      description:
        'A memory service for AI agents. JSON, UTF-8, RFC 3339 times in UTC. Clients ignore fields they do not know.',
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: namedSchemas(), securitySchemes: { bearer: BEARER } },
  };
}

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description:
    'The token of SOMA_API_TOKEN, one made by POST /admin/tokens, or a JWT where these are set up. ' +
    'Roles: reader, writer, admin; each may do what those before it may.',
};

function operationOf(route: Route): OpenApiOperation {
  const parameters = [
    ...pathParameters(route.path),
    ...(route.access === 'public' ? [] : apiParameters(route)),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    // Of a scheme without scopes, the roles that are needed (OpenAPI 3.1, Security Requirement Object).
    security: route.access === 'public' ? [] : [{ bearer: [route.role] }],
    parameters,
    ...(route.access === 'public' || route.body === undefined
      ? {}
      : { requestBody: requestBodyOf(route.body) }),
    responses: { ...successes(route), ...failures(route) },
  };
}

function requestBodyOf(body: NonNullable<TokenRoute['body']>): NonNullable<OpenApiOperation['requestBody']> {
  const schema = requestSchema(body.documented ?? body.schema);
  return { required: true, content: Object.fromEntries(body.media_types.map((type) => [type, { schema }])) };
}

function pathParameters(path: string): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function apiParameters(route: TokenRoute): Json[] {
  const query = requestSchema(route.query) as { properties?: Record<string, Json>; required?: string[] };
  const inQuery = Object.entries(query.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query.required?.includes(name) ?? false,
    schema,
  }));
  const place = route.within === 'namespace' ? (['Soma-Namespace'] as const) : [];
  const inHeaders = [...place, ...route.headers].map((name) => ({
    name,
    in: 'header',
    required: false,
    description: HEADER_DESCRIPTIONS[name],
    schema: { type: 'string' },
  }));
  return [...inQuery, ...inHeaders];
}

const TEXT: Json = { schema: { type: 'string' } };

const ANSWER_HEADERS: Record<string, Json> = Object.fromEntries(
  ['X-Request-Id', 'ETag', 'Location', 'Soma-Consistency-Token', 'RateLimit', 'RateLimit-Policy'].map(
    (name) => [name, { schema: { type: 'string' } }],
  ),
);

function successes(route: Route): Record<string, Json> {
  const entries = Object.entries(route.answers).map(
    ([status, { description, schema, content_type, stream }]) => {
      const type = content_type ?? 'application/json';
      const content =
        schema === undefined
          ? content_type === undefined
            ? undefined
            : {}
          : { schema: answerSchema(schema) };
      return [
        status,
        {
          description,
          headers: ANSWER_HEADERS,
          ...(content === undefined
            ? {}
            : { content: { [type]: content, ...(stream === undefined ? {} : { [stream]: TEXT }) } }),
        },
      ];
    },
  );
  return Object.fromEntries(entries) as Record<string, Json>;
}

const OF_ALL = [
  'invalid_request',
  'not_acceptable',
  'rate_limited',
  'headers_too_large',
  'uri_too_long',
  'internal',
  'shutting_down',
] as const;
const OF_API = [
  'missing_token',
  'invalid_token',
  'forbidden',
  'auth_unavailable',
  'overloaded',
  'store_unavailable',
  'deadline_exceeded',
] as const;
const OF_BODIES = ['payload_too_large', 'request_timeout'] as const;

function failures(route: Route): Record<string, Json> {
  const body = route.access === 'public' ? undefined : route.body;
  const codes = new Set(
    [...OF_ALL, ...(route.access === 'public' ? [] : ofToken(route)), ...ofBody(body), ...route.errors].map(
      publicCode,
    ),
  );
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus]
    .filter(([status]) => !(status in route.answers))
    .map(([status, names]) => [
      String(status),
      {
        description: names.sort().join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]);
  return Object.fromEntries(entries) as Record<string, Json>;
}

/** A body of lines has no limit of its own, and what a line is refused with stands in the answer. */
function ofBody(body: TokenRoute['body']): readonly ErrorCode[] {
  if (body === undefined) return [];
  return body.streamed === true ? ['request_timeout'] : OF_BODIES;
}

function ofToken({ within, role }: TokenRoute): readonly ErrorCode[] {
  if (within === 'namespace') return [...OF_API, 'namespace_required'];
  // What is about the caller alone is for all.
  return within === 'caller' && role === 'reader' ? OF_API.filter((code) => code !== 'forbidden') : OF_API;
}

/** What may be sent: times as text, what has a default optional. */
function requestSchema(schema: z.ZodType): Json {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // zod leaves the default out where text is turned into a number.
      if (zodSchema instanceof z.ZodDefault)
        jsonSchema.default ??= zodSchema.def.defaultValue as boolean | number;
    },
  });
  return withoutDialect(made);
}

function namedSchemas(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(NAMED).map(([name, schema]) => [name, inlineSchema(schema, name)]),
  );
}

function answerSchema(schema: z.ZodType): Json {
  return inlineSchema(schema, undefined);
}

/** The schema of an answer with what NAMED has replaced by references; `self` is being defined and stays. */
function inlineSchema(schema: z.ZodType, self: string | undefined): Json {
  const made = z.toJSONSchema(schema, {
    io: 'output',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      // The format says it; the pattern is zod's own way of checking it.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      const name = Object.entries(NAMED).find(([, named]) => (named as unknown) === zodSchema)?.[0];
      if (name === undefined || name === self) return;
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      jsonSchema.$ref = `#/components/schemas/${name}`;
    },
  });
  return withoutDialect(made);
}

function withoutDialect(schema: object): Json {
  return Object.fromEntries<unknown>(Object.entries(schema).filter(([name]) => name !== '$schema'));
}
