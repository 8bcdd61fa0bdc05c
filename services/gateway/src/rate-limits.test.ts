import { afterEach, expect, test } from '@jest/globals';
import { startGateway, type RunningGateway } from './test/running-gateway.js';

let running: RunningGateway | undefined;
afterEach(() => running?.stop());

async function startWith(env: Record<string, string>): Promise<RunningGateway['call']> {
  running = await startGateway(env);
  return running.call;
}

test('a class of requests has its own quota per token, and says what is left', async () => {
  const call = await startWith({ SOMA_RATE_READ: '2' });
  const first = await call('GET', '/memories/a');
  expect(first.headers.get('ratelimit-policy')).toBe('"read";q=2;w=1');
  expect(first.headers.get('ratelimit')).toMatch(/^"read";r=1;t=1$/);
  const rest = await Promise.all(Array.from({ length: 6 }, () => call('GET', '/memories/a')));
  const refused = rest.find(({ status }) => status === 429);
  expect(refused?.json).toMatchObject({ code: 'rate_limited' });
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(refused?.headers.get('ratelimit')).toMatch(/^"read";r=0/);
  expect((await call('PUT', '/memories/a', { body: { text: 'x' } })).status).toBe(201);
});

test('a hot memory is limited by itself; a batch counts once for each memory', async () => {
  const call = await startWith({ SOMA_RATE_MEMORY: '2' });
  const operations = Array.from({ length: 10 }, () => ({ op: 'put', coord: '1,2', text: 'x' }));
  expect((await call('POST', '/memories/batch', { body: { operations } })).status).toBe(200);
  const writes = await Promise.all(
    Array.from({ length: 6 }, () => call('PUT', '/memories/1.0,2', { body: { text: 'x' } })),
  );
  const refused = writes.find(({ status }) => status === 429);
  expect(refused?.headers.get('ratelimit-policy')).toBe('"memory";q=2;w=1');
  expect((await call('PUT', '/memories/other', { body: { text: 'x' } })).status).toBe(201);
  const mixed = await call('POST', '/memories/batch', {
    body: { operations: [...operations.slice(0, 1), { op: 'put', coord: 'third', text: 'x' }] },
  });
  expect(mixed.json).toMatchObject({ results: [{}, { ok: true }] });
});

test('public routes and failed attempts have a bucket per address each', async () => {
  const call = await startWith({ SOMA_RATE_PUBLIC: '2' });
  const pings = await Promise.all(Array.from({ length: 8 }, () => call('GET', '/ping', { anonymous: true })));
  expect(pings.map(({ status }) => status)).toContain(429);
  expect((await call('GET', '/healthz', { anonymous: true })).status).toBe(200);
  const attempts = await Promise.all(
    Array.from({ length: 8 }, () => call('GET', '/memories/a', { anonymous: true })),
  );
  expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([401, 429]));
  expect((await call('GET', '/memories/a')).status).toBe(404);
});

test('behind a trusted proxy the address is the one it tells; without trust it is not believed', async () => {
  const call = await startWith({ SOMA_RATE_PUBLIC: '1', SOMA_TRUSTED_PROXIES: 'loopback' });
  const from = (address: string) => call('GET', '/ping', { headers: { 'x-forwarded-for': address } });
  const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => from(`203.0.113.${n}`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await running?.stop();
  const untrusted = await startWith({ SOMA_RATE_PUBLIC: '1' });
  const spoofed = await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      untrusted('GET', '/ping', { headers: { 'x-forwarded-for': `203.0.113.${n}` } }),
    ),
  );
  expect(spoofed.map(({ status }) => status)).toContain(429);
});

test('too many requests under way are 503 overloaded, public ones are not counted', async () => {
  const call = await startWith({ SOMA_MAX_IN_FLIGHT: '1' });
  if (running === undefined) throw new Error('not started');
  running.workers.paused = true;
  const first = call('PUT', '/memories/a', { body: { text: 'x' } });
  while (running.log.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = await call('PUT', '/memories/b', { body: { text: 'x' } });
  expect(second).toMatchObject({ status: 503, json: { code: 'overloaded' } });
  expect(second.headers.get('retry-after')).toBe('1');
  expect((await call('GET', '/ping')).status).toBe(200);
  running.workers.resume();
  expect((await first).status).toBe(201);
  expect((await call('PUT', '/memories/b', { body: { text: 'x' } })).status).toBe(201);
});

test('more bodies than there is room for are 503 overloaded, and nothing is appended', async () => {
  const call = await startWith({ SOMA_MAX_BODY_MEMORY: '1000' });
  if (running === undefined) throw new Error('not started');
  running.workers.paused = true;
  const first = call('PUT', '/memories/a', { body: { text: 'x'.repeat(900) } });
  while (running.log.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await call('PUT', '/memories/b', { body: { text: 'x'.repeat(900) } })).toMatchObject({
    status: 503,
    json: { code: 'overloaded' },
  });
  expect(running.log.taken).toHaveLength(1);
  running.workers.resume();
  expect((await first).status).toBe(201);
});
