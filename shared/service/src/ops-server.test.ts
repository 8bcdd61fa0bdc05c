import { afterEach, describe, expect, test } from '@jest/globals';
import { counter, createRegistry } from './metrics.js';
import { createOpsServer, type OpsServer, type OpsServerOptions } from './ops-server.js';
import type { Service } from './service.js';

const servers: OpsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function serviceOf(given: Partial<Service>): Service {
  return {
    name: 'writer',
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    liveness: () => true,
    readiness: () => Promise.resolve({}),
    ...given,
  };
}

async function serve(services: Service[], options: Partial<OpsServerOptions> = {}) {
  const registry = createRegistry('test');
  counter(registry, { name: 'soma_things_total', help: 'x' }).inc();
  const server = createOpsServer({
    host: '127.0.0.1',
    port: 0,
    services,
    registry,
    serving: () => true,
    timeoutMs: 50,
    cacheMs: 0,
    ...options,
  });
  servers.push(server);
  const { port } = await server.start();
  return async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { connection: 'close' },
    });
    return { status: response.status, text: await response.text() };
  };
}

const never = () => new Promise<never>(() => undefined);

describe('/healthz', () => {
  test.each<[string, Partial<Service>, number]>([
    ['alive', {}, 200],
    ['not alive', { liveness: () => false }, 503],
    ['a check that throws', { liveness: () => Promise.reject(new Error('x')) }, 503],
    ['a check that hangs', { liveness: never }, 503],
    ['alive while a dependency is out', { readiness: () => Promise.resolve({ postgres: false }) }, 200],
  ])('%s', async (_, service, status) => {
    const ask = await serve([serviceOf(service)]);
    expect(await ask('/healthz')).toEqual({ status, text: `{"writer":${status === 200}}\n` });
  });
});

describe('/readyz', () => {
  test('names every dependency of every service', async () => {
    const ask = await serve([
      serviceOf({ readiness: () => Promise.resolve({ postgres: true }) }),
      serviceOf({ name: 'query', readiness: () => Promise.resolve({ postgres: true, redis: true }) }),
    ]);
    expect(await ask('/readyz')).toEqual({
      status: 200,
      text: '{"serving":true,"postgres":true,"redis":true}\n',
    });
  });

  test('is 503 when a required one is out', async () => {
    const ask = await serve([serviceOf({ readiness: () => Promise.resolve({ postgres: false }) })]);
    expect(await ask('/readyz')).toEqual({ status: 503, text: '{"serving":true,"postgres":false}\n' });
  });

  test('stays 200 when only an optional one is out', async () => {
    const ask = await serve([
      serviceOf({ optional: ['redis'], readiness: () => Promise.resolve({ redis: false, postgres: true }) }),
    ]);
    expect(await ask('/readyz')).toEqual({
      status: 200,
      text: '{"serving":true,"redis":false,"postgres":true}\n',
    });
  });

  test('a dependency that one service cannot reach is out, and one that requires it decides', async () => {
    const ask = await serve([
      serviceOf({ readiness: () => Promise.resolve({ redis: false }) }),
      serviceOf({ name: 'query', optional: ['redis'], readiness: () => Promise.resolve({ redis: true }) }),
    ]);
    expect(await ask('/readyz')).toEqual({ status: 503, text: '{"serving":true,"redis":false}\n' });
  });

  test('a check that hangs is out of time', async () => {
    const ask = await serve([serviceOf({ readiness: never })]);
    expect(await ask('/readyz')).toEqual({ status: 503, text: '{"serving":true,"writer":false}\n' });
  });

  test('is 503 before the start is over and once the stop begins', async () => {
    const ask = await serve([serviceOf({})], { serving: () => false });
    expect(await ask('/readyz')).toEqual({ status: 503, text: '{"serving":false}\n' });
  });

  test('many probes ask the dependencies once', async () => {
    let asked = 0;
    const readiness = () => {
      asked += 1;
      return Promise.resolve({ postgres: true });
    };
    const ask = await serve([serviceOf({ readiness })], { cacheMs: 60_000 });
    await Promise.all(Array.from({ length: 10 }, () => ask('/readyz')));
    expect(asked).toBe(1);
  });
});

test('/metrics is what Prometheus reads', async () => {
  const ask = await serve([]);
  const { status, text } = await ask('/metrics?x=1');
  expect(status).toBe(200);
  expect(text).toContain('soma_things_total{service="test"} 1');
});

test('other paths and methods are refused', async () => {
  const ask = await serve([]);
  expect((await ask('/constructor')).status).toBe(404);
  expect((await ask('/healthz', 'POST')).status).toBe(405);
  expect(await ask('/healthz', 'HEAD')).toEqual({ status: 200, text: '' });
});
