import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from '../../system/until.js';
import { TcpProxy, type TcpProxyOptions } from './tcp-proxy.js';

/** A server that says back what it hears, and everything that happened to its sockets. */
let server: Server;
let sockets: Socket[];
let proxy: TcpProxy;
let clients: Client[];

interface Client {
  socket: Socket;
  heard: () => string;
  failure: () => string | undefined;
  ended: () => boolean;
}

beforeEach(async () => {
  sockets = [];
  clients = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await proxy.stop();
  for (const socket of sockets) socket.destroy();
  server.close();
});

async function start(options: Partial<TcpProxyOptions> = {}): Promise<void> {
  proxy = await TcpProxy.start({ target: { port: (server.address() as AddressInfo).port }, ...options });
}

function client(): Client {
  const socket = connect(proxy.port, '127.0.0.1');
  let heard = '';
  let failure: string | undefined;
  let ended = false;
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  socket.on('error', (error: NodeJS.ErrnoException) => (failure = error.code));
  socket.on('close', () => (ended = true));
  const made = { socket, heard: () => heard, failure: () => failure, ended: () => ended };
  clients.push(made);
  return made;
}

async function connected(): Promise<Client> {
  const made = client();
  made.socket.write('hello');
  await until('an answer', 10_000, () => made.heard() === 'hello');
  return made;
}

describe('a proxy', () => {
  test('passes both ways, and an end of either side', async () => {
    await start();
    const { socket, ended } = await connected();
    socket.end();
    await until('the end', 10_000, ended);
    expect(proxy.connections).toBe(0);
    expect(proxy.taken).toBe(1);
  });

  test('refuses: those that stand and those that come are reset', async () => {
    await start();
    const standing = await connected();
    proxy.set('refuse');
    await until('the reset', 10_000, standing.ended);
    expect(standing.failure()).toBe('ECONNRESET');
    const coming = client();
    await until('the reset of the new one', 10_000, coming.ended);
    proxy.set('pass');
    await connected();
  });

  test('hangs: connections stand, and what was said meanwhile arrives later', async () => {
    await start();
    const standing = await connected();
    proxy.set('hang');
    standing.socket.write(' again');
    const coming = client();
    coming.socket.write('new');
    await until('the new one', 10_000, () => proxy.connections === 2);
    expect(standing.heard()).toBe('hello');
    proxy.set('pass');
    await until('both answers', 10_000, () => standing.heard() === 'hello again' && coming.heard() === 'new');
  });

  test('drops answers while requests arrive', async () => {
    await start();
    const standing = await connected();
    let arrived = '';
    sockets[0]?.on('data', (chunk) => (arrived += chunk.toString()));
    proxy.set('drop-answers');
    standing.socket.write('lost');
    await until('the request to arrive', 10_000, () => arrived === 'lost');
    proxy.set('pass');
    standing.socket.write('kept');
    await until('the answer to the next', 10_000, () => standing.heard().endsWith('kept'));
    expect(standing.heard()).toBe('hellokept');
  });

  test('delays answers and keeps their order', async () => {
    await start();
    const standing = await connected();
    proxy.set({ delayMs: 200 });
    standing.socket.write('1');
    await until('the answer to be under way', 10_000, () => proxy.answersUnderWay > 0);
    proxy.set('pass');
    standing.socket.write('2');
    await until('both answers', 10_000, () => standing.heard() === 'hello12');
  });

  test('leaves standing connections half open: the server sees them closed, the client nothing', async () => {
    await start();
    const standing = await connected();
    expect(proxy.halfOpen()).toBe(1);
    await until('the server to see the end', 10_000, () => sockets[0]?.destroyed);
    standing.socket.write('anybody there?');
    const coming = await connected();
    expect(standing.heard()).toBe('hello');
    expect(standing.ended()).toBe(false);
    expect(coming.ended()).toBe(false);
  });

  test('drops the answers to Produce alone, told by their correlation ids', async () => {
    await start({ protocol: 'kafka' });
    const { socket, heard } = client();
    // The server says the request back, whose first four bytes then stand for the correlation id of the answer.
    const echoed = (apiKey: number, correlationId: number) => {
      const frame = Buffer.alloc(12);
      frame.writeInt32BE(8, 0);
      frame.writeInt16BE(apiKey, 4);
      frame.writeInt32BE(correlationId, 8);
      return frame;
    };
    proxy.set({ produceAnswers: 'drop' });
    const produce = echoed(0, 0);
    const metadata = echoed(3, 77);
    socket.write(Buffer.concat([produce.subarray(0, 5)]));
    socket.write(Buffer.concat([produce.subarray(5), metadata]));
    await until('the other answer', 10_000, () => heard().length > 0);
    expect(heard()).toBe(metadata.toString('latin1'));
    expect(proxy.produceAnswersTouched).toBe(1);
  });
});
