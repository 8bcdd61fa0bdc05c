import { afterEach, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { eventually } from '@soma/testing';
import { startGateway, type RunningGateway } from './test/running-gateway.js';

let running: RunningGateway | undefined;
afterEach(() => running?.stop());

async function startWith(env: Record<string, string>): Promise<RunningGateway> {
  running = await startGateway(env);
  return running;
}

test('more answers than there is room for are 503 overloaded, and given once there is', async () => {
  const { call, reads, registry } = await startWith({ SOMA_MAX_ANSWER_MEMORY: '1500' });
  await call('PUT', '/memories/a', { body: { text: 'x'.repeat(900) } });
  let open: () => void = () => undefined;
  reads.gate = new Promise((resolve) => (open = resolve));
  const first = call('POST', '/memories/get', { body: { coords: ['a'] } });
  while (reads.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = await call('GET', '/memories/a');
  expect(second).toMatchObject({ status: 503, json: { code: 'overloaded' } });
  expect(second.headers.get('retry-after')).toBe('1');
  // A write holds none.
  expect((await call('PUT', '/memories/b', { body: { text: 'x' } })).status).toBe(201);
  expect(await registry.metrics()).toMatch(/^soma_gateway_answer_bytes [1-9]\d{2,}$/m);
  open();
  expect((await first).status).toBe(200);
  await eventually(async () => expect(await registry.metrics()).toContain('soma_gateway_answer_bytes 0\n'));
  expect((await call('GET', '/memories/a')).status).toBe(200);
});

test('closed connections for want of room, and what was no request, are counted', async () => {
  const { gateway, registry } = await startWith({ SOMA_MAX_CONNECTIONS: '1' });
  const metrics = (): Promise<string> => registry.metrics();
  const first = connect(gateway.address().port, '127.0.0.1');
  await eventually(async () => expect(await metrics()).toContain('soma_gateway_connections 1\n'));
  const second = connect(gateway.address().port, '127.0.0.1');
  second.on('error', () => undefined);
  await eventually(async () => expect(await metrics()).toContain('soma_gateway_connections_refused_total 1'));
  first.resume().end('nonsense\r\n\r\n');
  await eventually(async () => {
    expect(await metrics()).toContain('soma_gateway_unreadable_requests_total{code="invalid_request"} 1');
    expect(await metrics()).toContain('soma_gateway_connections 0\n');
  });
  second.destroy();
});
