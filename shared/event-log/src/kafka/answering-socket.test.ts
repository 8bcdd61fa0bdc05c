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
  const socket = answeringSockets(silenceMs)({
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
