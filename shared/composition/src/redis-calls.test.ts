import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { createLogger } from '@soma/service';
import { eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { openRedis } from './cluster.js';

/** Answers like a Redis that is well; `onPing` runs before the answer to PING. */
function answer(socket: Socket, onPing: () => Promise<void>): void {
  const replies: Record<string, string> = { info: '$9\r\nloading:0\r\n', ping: '+PONG\r\n' };
  const reply = async (name: string): Promise<void> => {
    if (name === 'ping') await onPing();
    socket.write(replies[name] ?? '+OK\r\n');
  };
  let replied = Promise.resolve();
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
      replied = replied.then(() => reply(name.toLowerCase()));
  });
}

test('calls to Redis are counted while they are under way, by the part that makes them', async () => {
  const registry = new Registry();
  const counted = async () => {
    const values = (await registry.getSingleMetric('soma_redis_calls_in_flight')?.get())?.values ?? [];
    return Object.fromEntries(values.map(({ labels, value }) => [labels.part, value])) as unknown;
  };
  const during: unknown[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    answer(socket, async () => {
      during.push(await counted());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
  const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redis = openRedis(
    { SOMA_REDIS_URL: url },
    { logger, registry, signal: new AbortController().signal, crash: () => undefined },
  );

  await eventually(() => redis.cache.ping());
  expect(during.at(-1)).toEqual({ cache: 1, outcomes: 0, limiter: 0 });
  expect(await counted()).toEqual({ cache: 0, outcomes: 0, limiter: 0 });

  await redis.closing.stop();
  for (const socket of sockets) socket.destroy();
  server.close();
});
