import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OpenApiDocument } from '../openapi.js';
import * as shapes from '../schemas/answers.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway({ SOMA_CORS_ORIGINS: 'https://app.test' });
  call = running.call;
});
afterAll(() => running.stop());

describe('public routes', () => {
  test.each([
    ['/', { name: 'SomaFractalMemory', documentation: '/docs' }],
    ['/ping', { ping: 'pong' }],
    ['/health', { status: 'alive' }],
    ['/healthz', { status: 'alive' }],
    ['/readyz', { ready: true, dependencies: { event_log: true, store: true, query: true } }],
    ['/stats', { memories: 0, by_type: { episodic: 0 }, namespaces: 1 }],
  ])('%s answers without a token, by GET and by HEAD', async (target, body) => {
    const answer = await call('GET', target, { anonymous: true });
    expect(answer).toMatchObject({ status: 200, json: body });
    expect(await call('HEAD', target, { anonymous: true })).toMatchObject({ status: 200, text: '' });
  });

  test('every answer carries the headers that keep it safe and private', async () => {
    for (const target of ['/ping', '/memories/none', '/nothing', '/docs']) {
      const { headers } = await call('GET', target);
      expect(headers.get('cache-control')).toBe('private, no-cache');
      expect(headers.get('vary')).toContain('Soma-Namespace');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('/metrics counts requests by route, method and class', async () => {
    await call('PUT', '/memories/in-the-path', { body: { text: 'x' } });
    const { text } = await call('GET', '/metrics', { anonymous: true });
    expect(text).toMatch(
      /soma_gateway_request_duration_seconds_count\{[^}]*route="\/memories\/\{coord\}",method="PUT",status_class="2xx"[^}]*\} 1/,
    );
    expect(text).toMatch(/soma_gateway_commands_accepted_total\{type="StoreMemory"\} 1/);
    expect(text).not.toContain('in-the-path');
  });

  test('/docs shows every route and every code, and loads nothing', async () => {
    const { text, headers } = await call('GET', '/docs', { anonymous: true });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('PATCH /memories/{coord}');
    expect(text).toContain('id="memory_not_found"');
    expect(text).not.toMatch(/<script|src=|href="https?:/);
  });
});

describe('/openapi.json', () => {
  let document: OpenApiDocument;
  beforeAll(async () => {
    document = (await call('GET', '/openapi.json', { anonymous: true })).json as unknown as OpenApiDocument;
  });

  test('has fixed operationIds', () => {
    const ids = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`,
      ),
    );
    expect(ids.sort()).toEqual([
      'DELETE /admin/quotas/{namespace} removeQuota',
      'DELETE /admin/retention/{namespace} removeRetention',
      'DELETE /graph/links unlinkMemories',
      'DELETE /memories/{coord} deleteMemory',
      'DELETE /webhooks/{id} deleteWebhook',
      'GET / getRoot',
      'GET /admin/audit listAudit',
      'GET /admin/dead-letters listDeadLetters',
      'GET /admin/dead-letters/{id} getDeadLetter',
      'GET /admin/export exportMemories',
      'GET /admin/jobs listJobs',
      'GET /admin/jobs/{id} getJob',
      'GET /admin/quotas listQuotas',
      'GET /admin/quotas/{namespace} getQuota',
      'GET /admin/retention listRetention',
      'GET /admin/retention/{namespace} getRetention',
      'GET /admin/tokens listTokens',
      'GET /admin/tokens/{id} getToken',
      'GET /docs getDocs',
      'GET /events followEvents',
      'GET /graph/neighbors getNeighbors',
      'GET /graph/path getPath',
      'GET /health getHealth',
      'GET /healthz getHealthz',
      'GET /memories listMemories',
      'GET /memories/range getRange',
      'GET /memories/search searchMemoriesByQuery',
      'GET /memories/{coord} getMemory',
      'GET /memories/{coord}/history getMemoryHistory',
      'GET /metrics getMetrics',
      'GET /namespaces listNamespaces',
      'GET /openapi.json getOpenApi',
      'GET /operations/{id} getOperation',
      'GET /ping ping',
      'GET /readyz getReadiness',
      'GET /stats getStats',
      'GET /webhooks listWebhooks',
      'GET /webhooks/{id} getWebhook',
      'GET /webhooks/{id}/deliveries listDeliveries',
      'PATCH /memories/{coord} patchMemory',
      'PATCH /webhooks/{id} changeWebhook',
      'POST /admin/dead-letters/{id}/discard discardDeadLetter',
      'POST /admin/dead-letters/{id}/redrive redriveDeadLetter',
      'POST /admin/erase eraseMemories',
      'POST /admin/erase/check checkErased',
      'POST /admin/import importMemories',
      'POST /admin/jobs/{id}/cancel cancelJob',
      'POST /admin/log/accept acceptLog',
      'POST /admin/rebuild rebuildProjection',
      'POST /admin/reindex reindex',
      'POST /admin/reindex/finish finishReindex',
      'POST /admin/reindex/rollback rollBackReindex',
      'POST /admin/retention/{namespace}/try tryRetention',
      'POST /admin/tokens createToken',
      'POST /admin/tokens/{id}/revoke revokeToken',
      'POST /admin/tokens/{id}/rotate rotateToken',
      'POST /admin/verify verifyProjection',
      'POST /graph/links linkMemories',
      'POST /memories storeMemory',
      'POST /memories/batch writeBatch',
      'POST /memories/count countMemories',
      'POST /memories/delete deleteMemories',
      'POST /memories/get getMemories',
      'POST /memories/messages storeMessages',
      'POST /memories/search searchMemories',
      'POST /webhooks createWebhook',
      'POST /webhooks/{id}/deliveries/retry retryDeliveries',
      'POST /webhooks/{id}/rotate rotateWebhook',
      'PUT /admin/quotas/{namespace} setQuota',
      'PUT /admin/retention/{namespace} setRetention',
      'PUT /memories/{coord} replaceMemory',
    ]);
  });

  test('shows requests as they are sent: times as text, defaults optional, unknown fields refused', () => {
    const schema = document.paths['/memories']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        occurred_at: { type: 'string', format: 'date-time' },
        tags: { maxItems: 64 },
        payload: { type: 'object' },
      },
    });
    expect(schema?.['required']).toBeUndefined();
    const parameters = document.paths['/memories/search']?.['get']?.parameters;
    expect(parameters).toContainEqual({
      name: 'top_k',
      in: 'query',
      required: false,
      schema: expect.objectContaining({ type: 'integer', default: 5 }),
    });
  });

  test('has every reference resolved and every code of a route under its status', () => {
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
    expect(text.includes('$defs')).toBe(false);
    expect(document.paths['/memories/{coord}']?.['patch']?.responses['404']?.['description']).toBe(
      'memory_not_found',
    );
    expect(document.paths['/memories/{coord}']?.['get']?.responses['200']).toMatchObject({
      content: {
        'application/json': { schema: { properties: { memory: { $ref: '#/components/schemas/Memory' } } } },
      },
    });
  });
});

describe('answers', () => {
  test('have the shapes that the document gives them', async () => {
    const written = await call('PUT', '/memories/shape', {
      body: { payload: { a: 1 }, occurred_at: '2024-01-01T00:00:00Z' },
    });
    shapes.writeResult.parse(written.json);
    shapes.oneMemoryAnswer.parse((await call('GET', '/memories/shape')).json);
    shapes.memoriesAnswer.parse(
      (await call('POST', '/memories/get', { body: { coords: ['shape', 'none'] } })).json,
    );
    const operations = [{ op: 'delete', coord: 'none' }, { op: 'fly' }];
    shapes.batchAnswer.parse((await call('POST', '/memories/batch', { body: { operations } })).json);
    shapes.searchAnswer.parse((await call('GET', '/memories/search?query=')).json);
    const link = { from_coord: 'shape', to_coord: 'in-the-path' };
    shapes.linkResult.parse((await call('POST', '/graph/links', { body: link })).json);
    shapes.graphAnswer.parse((await call('GET', '/graph/neighbors?coord=shape')).json);
    shapes.pathAnswer.parse((await call('GET', '/graph/path?from_coord=shape&to_coord=in-the-path')).json);
    shapes.operationAnswer.parse(
      (await call('GET', `/operations/${written.json['operation_id'] as string}`)).json,
    );
    shapes.problemAnswer.parse((await call('POST', '/memories', { body: { x: 1 } })).json);
    shapes.statsAnswer.parse((await call('GET', '/stats')).json);
    shapes.readyAnswer.parse((await call('GET', '/readyz')).json);
  });
});

describe('readiness', () => {
  test('is 503 with the state of each dependency while the store is out', async () => {
    const other = await startGateway({}, (workers) => {
      workers.down = true;
    });
    const answer = await other.call('GET', '/readyz', { anonymous: true });
    expect(answer).toMatchObject({
      status: 503,
      json: { ready: false, dependencies: { store: false, event_log: true } },
    });
    expect((await other.call('GET', '/healthz')).status).toBe(200);
    await other.stop();
  });
});

describe('CORS', () => {
  test('a listed origin may read the headers, and ask first', async () => {
    const headers = { origin: 'https://app.test' };
    const answer = await call('GET', '/memories/none', { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.test');
    expect(answer.headers.get('access-control-expose-headers')).toContain('Soma-Consistency-Token');
    const preflight = await call('OPTIONS', '/memories/none', {
      anonymous: true,
      headers: { ...headers, 'access-control-request-method': 'PUT' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
  });
});
