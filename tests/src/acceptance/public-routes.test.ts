import { describe, expect, test } from '@jest/globals';
import { until } from '../system/index.js';
import { Client } from './client.js';

const PUBLIC = [
  '/',
  '/ping',
  '/health',
  '/healthz',
  '/readyz',
  '/stats',
  '/metrics',
  '/openapi.json',
  '/docs',
];

function open<T>(path: string) {
  return new Client().call<T>('GET', path, { headers: { Authorization: null, 'Soma-Namespace': null } });
}

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, { operationId?: string }>>;
}

describe('public routes', () => {
  test.each(PUBLIC)('%s needs no token and says how it is limited', async (path) => {
    const answer = await open(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('ratelimit-policy')).toMatch(/^"public";q=\d+;w=1$/);
    expect(answer.headers.get('ratelimit')).toMatch(/^"public";r=\d+;t=\d+$/);
  });

  test('/ping says pong', async () => {
    expect((await open('/ping')).body).toEqual({ ping: 'pong' });
  });

  test('/readyz gives the state of each dependency', async () => {
    const { body } = await open<{ ready: boolean; dependencies: Record<string, boolean> }>('/readyz');
    expect(body.ready).toBe(true);
    expect(Object.keys(body.dependencies).length).toBeGreaterThan(0);
    expect(new Set(Object.values(body.dependencies))).toEqual(new Set([true]));
  });

  test('/metrics is Prometheus text and counts requests', async () => {
    const { headers, text } = await open('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toMatch(/^# TYPE soma_\w+ (counter|histogram|gauge)$/m);
    expect(text).toMatch(/^process_resident_memory_bytes\{.*\} \d+$/m);
  });

  test('/stats counts what was stored', async () => {
    const before = (await open<{ memories: number }>('/stats')).body.memories;
    const client = new Client();
    await client.put('a', { payload: {} });
    await client.put('b', { payload: {}, memory_type: 'semantic' });
    await until('/stats to count two more', 10_000, async () => {
      return (await open<{ memories: number }>('/stats')).body.memories >= before + 2;
    });
    expect((await open('/stats')).body).toEqual(
      expect.objectContaining({
        by_type: { episodic: expect.any(Number), semantic: expect.any(Number) },
        namespaces: expect.any(Number),
        links: expect.any(Number),
      }),
    );
  });

  test('/openapi.json is OpenAPI 3.1 with an operationId for each route', async () => {
    const { body } = await open<OpenApi>('/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/);
    for (const path of [
      '/memories',
      '/memories/{coord}',
      '/memories/search',
      '/graph/links',
      '/operations/{id}',
      '/ping',
    ]) {
      expect(Object.keys(body.paths)).toContain(path);
    }
    const ids = Object.values(body.paths).flatMap((methods) =>
      Object.entries(methods).flatMap(([method, route]) =>
        ['get', 'post', 'put', 'patch', 'delete'].includes(method) ? [route.operationId] : [],
      ),
    );
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('nothing of namespaces, payloads or hosts is in them', async () => {
    const client = new Client();
    await client.put('m', { payload: { text: 'xylotrupes-secret' }, user_id: 'secret-user' });
    for (const path of PUBLIC) {
      const { text } = await open(path);
      expect(text).not.toContain('xylotrupes');
      expect(text).not.toContain(client.namespace);
      expect(text).not.toContain('secret-user');
      expect(text).not.toMatch(/postgres:\/\/|redis:\/\//);
    }
  });
});
