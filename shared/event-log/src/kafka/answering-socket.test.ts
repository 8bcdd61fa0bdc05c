import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { answeringSockets } from './answering-socket.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function connectTo(serve: (peer: Socket) => void, silenceMs: number): Promise<Socket> {
  const server = createServer((peer) => {
    peer.on('error', () => undefined);
    serve(peer);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = answeringSockets({ group: silenceMs * 100, other: silenceMs })({
    host: '127.0.0.1',
    port,
    ssl: undefined,
    onConnect: () => undefined,
  });
  await once(socket, 'connect');
  return socket;
}

test('a connection that answers nothing ends, and says why', async () => {
  const socket = await connectTo(() => undefined, 50);
  const failed = once(socket, 'error');
  socket.write('anyone?');
  expect(await failed).toMatchObject([{ code: 'event_log_unavailable' }]);
  expect(socket.destroyed).toBe(true);
});

test('a join may wait longer than anything else', async () => {
  const socket = await connectTo(() => undefined, 50);
  const join = Buffer.alloc(16);
  join.writeInt16BE(11, 4);
  socket.write(join);
  socket.write(Buffer.alloc(16));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

test('one that answers stands, and so does one that is asked nothing', async () => {
  const answering = await connectTo((peer) => peer.pipe(peer), 100);
  const idle = await connectTo(() => undefined, 100);
  answering.resume();
  for (let turn = 0; turn < 5; turn += 1) {
    const answer = once(answering, 'data');
    answering.write('anyone?');
    await answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect([answering.destroyed, idle.destroyed]).toEqual([false, false]);
  answering.destroy();
  idle.destroy();
});
