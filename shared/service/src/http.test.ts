import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { closeServer, listen } from './http.js';

const settings = { hostSetting: 'SOMA_API_HOST', portSetting: 'SOMA_API_PORT' };
const local = { host: '127.0.0.1', port: 0, ...settings };

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => closeServer(server, 0)));
});

function serverOf(handle?: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const server = createServer(handle);
  servers.push(server);
  return server;
}

describe('listen', () => {
  test('a port in use is told with the setting to change', async () => {
    const { port } = await listen(serverOf(), local);
    await expect(listen(serverOf(), { ...local, port })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: `port ${port} on 127.0.0.1 is in use: stop what listens there, or set SOMA_API_PORT to a free port`,
    });
  });

  test('an address that is not ours is told with the setting to change', async () => {
    // 203.0.113.0/24 is for documentation, RFC 5737: no machine has it.
    await expect(listen(serverOf(), { ...local, host: '203.0.113.1' })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('SOMA_API_HOST'),
    });
  });
});

describe('closeServer', () => {
  test('lets a running request finish, though its connection is kept alive, and takes no new one', async () => {
    let finish: (() => void) | undefined;
    const begun = new Promise<void>((begin) => {
      const server = serverOf((_, response) => {
        finish = () => response.end('done');
        begin();
      });
      void listen(server, local);
    });
    const [server] = servers as [Server];
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const agent = new Agent({ keepAlive: true });
    const answer = fetchText(port, agent);
    await begun;

    const closed = closeServer(server, 60_000);
    await expect(fetchText(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    finish?.();
    expect(await answer).toBe('done');
    // Without the sweep this waits for the keep-alive timeout, 5 s, which is the test's own.
    await closed;
    agent.destroy();
  });

  test('cuts what is not finished in time', async () => {
    const server = serverOf();
    const { port } = await listen(server, local);
    const begun = once(server, 'request');
    const answer = fetchText(port);
    answer.catch(() => undefined);
    await begun;
    await closeServer(server, 10);
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('is harmless before listening and when repeated', async () => {
    const server = serverOf();
    await closeServer(server, 10);
    await listen(server, local);
    await closeServer(server, 10);
    await closeServer(server, 10);
  });
});

function fetchText(port: number, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, ...(agent && { agent }) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        resolve(body);
      });
    });
    request.on('error', reject);
  });
}
