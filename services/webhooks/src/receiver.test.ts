import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { AllowedAddresses } from './addresses.js';
import { Receivers } from './receiver.js';

const opened: (() => unknown)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

async function serve(answer: RequestListener): Promise<number> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function receivers(networks: string[] = ['127.0.0.0/8', '::1'], timeoutMs = 30_000): Receivers {
  const made = new Receivers({ addresses: new AllowedAddresses(networks), timeoutMs });
  opened.push(() => {
    made.close();
  });
  return made;
}

const send = (to: Receivers, url: string) => to.post({ url, headers: { 'webhook-id': 'one' }, body: '{}' });

test('says the status, and how long a receiver wants to be left alone', async () => {
  const port = await serve((_request, response) => response.writeHead(503, { 'retry-after': '7' }).end());
  expect(await send(receivers(), `http://127.0.0.1:${port}/`)).toEqual({ status: 503, retryAfterMs: 7_000 });
});

test('follows no redirect', async () => {
  let calls = 0;
  const port = await serve((_request, response) => {
    calls += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect(await send(receivers(), `http://127.0.0.1:${port}/`)).toEqual({ status: 307, retryAfterMs: null });
  expect(calls).toBe(1);
});

test.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '[::1]'])(
  'calls nobody on this machine unless that is allowed: %s',
  async (host) => {
    let calls = 0;
    const port = await serve((_request, response) => {
      calls += 1;
      response.end();
    });
    expect(await send(receivers([]), `https://${host}:${port}/`)).toEqual({ failure: 'address_refused' });
    expect(await send(receivers([]), `http://${host}:${port}/`)).toEqual({ failure: 'http_refused' });
    expect(calls).toBe(0);
  },
);

test('tells what is not TLS, what nobody serves, and what answers too late', async () => {
  const port = await serve(() => undefined);
  const silent = `http://127.0.0.1:${port}/`;
  expect(await send(receivers(undefined, 50), silent)).toEqual({ failure: 'timeout' });
  expect(await send(receivers(), silent.replace('http', 'https'))).toEqual({ failure: 'connection_failed' });
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port: free } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  expect(await send(receivers(), `http://127.0.0.1:${free}/`)).toEqual({ failure: 'connection_failed' });
});

test('reads no more of an answer than it has to', async () => {
  let isCut: () => void = () => undefined;
  const cut = new Promise<void>((resolve) => (isCut = resolve));
  const port = await serve((_request, response) => {
    response.on('close', isCut);
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(65_536), more);
    };
    more();
  });
  expect(await send(receivers(), `http://127.0.0.1:${port}/`)).toEqual({ status: 200, retryAfterMs: null });
  await cut;
});

test('a connection that the receiver has closed meanwhile costs no attempt', async () => {
  const seen: unknown[] = [];
  const port = await serve((request, response) => {
    seen.push(request.socket);
    // Says that it keeps the connection, and does not.
    response.end('{}', () => setImmediate(() => request.socket.destroy()));
  });
  const made = receivers();
  for (let n = 0; n < 20; n += 1)
    expect(await send(made, `http://127.0.0.1:${port}/`)).toEqual({ status: 200, retryAfterMs: null });
  expect(seen).toHaveLength(20);
});
