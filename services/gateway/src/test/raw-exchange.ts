import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RunningGateway } from './running-gateway.js';

/** Sends bytes as they are; resolves with all that comes back until the server closes. */
export async function exchange({ gateway }: Pick<RunningGateway, 'gateway'>, bytes: string): Promise<string> {
  const socket = connect(gateway.address().port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return everything(socket);
}

export async function everything(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  // A server that closes while bytes are still on their way resets the connection.
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}
