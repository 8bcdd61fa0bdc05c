import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '../../system/until.js';
import { HttpProxy } from './http-proxy.js';

let server: Server;
let proxy: HttpProxy;

beforeEach(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => response.end(`${request.method ?? ''} ${request.url ?? ''} ${body}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await HttpProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  server.close();
});

async function put(): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${proxy.url}/a?b=c`, { method: 'PUT', body: 'said' });
  return { status: answer.status, body: await answer.text() };
}

test('passes requests and answers', async () => {
  expect(await put()).toEqual({ status: 200, body: 'PUT /a?b=c said' });
  expect(proxy.touched).toBe(0);
});

test('answers in the place of the server', async () => {
  proxy.set({ status: 429, headers: { 'retry-after': '1' } });
  expect(await put()).toEqual({ status: 429, body: '' });
  expect(proxy.touched).toBe(1);
});

test('resets connections, and passes again', async () => {
  proxy.set('refuse');
  await expect(put()).rejects.toThrow('fetch failed');
  proxy.set('pass');
  expect((await put()).status).toBe(200);
});

test('delays answers', async () => {
  proxy.set({ delayMs: 50 });
  expect(await put()).toEqual({ status: 200, body: 'PUT /a?b=c said' });
  expect(proxy.touched).toBe(1);
});

test('hangs until told otherwise', async () => {
  proxy.set('hang');
  const hanging = put().catch(() => 'cut');
  await until('the request', 10_000, () => proxy.touched === 1);
  proxy.set('pass');
  expect(await hanging).toBe('cut');
});
