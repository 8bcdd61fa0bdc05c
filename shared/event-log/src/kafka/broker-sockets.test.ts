import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RequestTimeoutEvent } from 'kafkajs';
import { eventually } from '../contract/index.js';
import { BrokerSockets } from './broker-sockets.js';

const REQUEST_TIMEOUT_MS = 500;

let server: Server;
let broker: { host: string; port: number };
const accepted: Socket[] = [];
beforeEach(async () => {
  server = createServer((socket) => accepted.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  broker = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
});
afterEach(() => {
  for (const socket of accepted.splice(0)) socket.destroy();
  server.close();
});

class AskingClient {
  readonly events = { REQUEST_TIMEOUT: 'timeout' } as const;
  readonly #emitter = new EventEmitter();

  on(event: string, listener: (event: RequestTimeoutEvent) => void): void {
    this.#emitter.on(event, listener);
  }

  /** A request to this broker found no answer. */
  tell({ host, port }: typeof broker): void {
    this.#emitter.emit(this.events.REQUEST_TIMEOUT, { payload: { broker: `${host}:${port}` } });
  }
}

async function opened(sockets: BrokerSockets) {
  const place = accepted.length;
  const ends: Error[] = [];
  // As kafkajs calls it without TLS.
  const socket = sockets.open({ ...broker, ssl: null as never, onConnect: () => undefined });
  socket.on('error', (error) => ends.push(error)).resume();
  await eventually('the connection', () => accepted.length > place);
  return { socket, ends, far: accepted[place] };
}

test('a silent connection ends with an error once a request to its broker found no answer, one that speaks stays', async () => {
  const sockets = new BrokerSockets(REQUEST_TIMEOUT_MS);
  const client = new AskingClient();
  sockets.watch(client);
  const silent = await opened(sockets);
  const speaking = await opened(sockets);
  await eventually('the end of the silent one', () => {
    speaking.far?.write('an answer');
    client.tell(broker);
    return silent.ends.length > 0;
  });
  expect(silent.ends).toMatchObject([{ message: 'the broker answers no more on this connection' }]);
  expect(speaking.ends).toEqual([]);
});

test('what another broker leaves without an answer ends nothing', async () => {
  const sockets = new BrokerSockets(0);
  const client = new AskingClient();
  sockets.watch(client);
  const { socket } = await opened(sockets);
  client.tell({ ...broker, port: broker.port + 1 });
  expect(socket.destroyed).toBe(false);
  client.tell(broker);
  expect(socket.destroyed).toBe(true);
});
