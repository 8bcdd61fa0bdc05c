import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@soma/testing';
import { everything } from '../test/raw-exchange.js';
import { startGateway, TOKEN, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
beforeAll(async () => {
  running = await startGateway({ SOMA_HEADERS_TIMEOUT: '1' });
});
afterAll(() => running.stop());

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** An empty SETTINGS frame: RFC 9113 section 6.5. */
const SETTINGS = '\0\0\0\x04\0\0\0\0\0';

const bytesOf = (text: string) => Array.from(text);

const open = async (): Promise<Socket> => {
  const socket = connect(running.gateway.address().port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return socket;
};

/** Each piece in a packet of its own: the service has read one before the next is sent. */
const inPieces = async (socket: Socket, pieces: readonly string[]): Promise<void> => {
  for (const piece of pieces) {
    socket.write(piece, 'latin1');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
};

describe('the first bytes', () => {
  test.each<[string, string[]]>([
    ['at once', [PREFACE + SETTINGS]],
    ['P and RI apart', ['P', 'RI', PREFACE.slice(3) + SETTINGS]],
    ['byte by byte', bytesOf(PREFACE + SETTINGS)],
  ])('of HTTP/2, %s, are answered with its settings', async (_, pieces) => {
    const socket = await open();
    await inPieces(socket, pieces);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // Type 4 at offset 3: SETTINGS.
    expect(answer[3]).toBe(4);
    socket.destroy();
  });

  test.each<[string, string[]]>([
    ['whole', ['GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n']],
    ['byte by byte', bytesOf('GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')],
  ])('of HTTP/1.1, %s, are answered as such', async (_, pieces) => {
    const socket = await open();
    const answer = everything(socket);
    await inPieces(socket, pieces);
    expect(await answer).toContain('{"ping":"pong"}');
  });

  test('of a method that begins as the preface does go to HTTP/1.1', async () => {
    for (const method of ['PUT', 'PATCH', 'POST', 'PROPFIND']) {
      const socket = await open();
      const answer = everything(socket);
      await inPieces(socket, [
        'P',
        `${method.slice(1)} /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      ]);
      expect(await answer).toMatch(/^HTTP\/1\.1 404 /);
    }
  });

  test('that do not come in time are a late request', async () => {
    for (const bytes of ['', 'P', 'PR']) {
      const socket = await open();
      if (bytes !== '') socket.write(bytes);
      expect(await everything(socket)).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
    }
  });

  test('that never come, from who goes away, hold nothing', async () => {
    const measured = async () =>
      (await running.registry.getSingleMetric('soma_gateway_connections')?.get())?.values[0]?.value;
    const [ended, reset] = [await open(), await open()];
    ended.end('P');
    reset.resetAndDestroy();
    await once(ended.resume(), 'close');
    await eventually(async () => {
      expect(await measured()).toBe(0);
    });
  });

  test('of what only looks like HTTP/2 end the connection', async () => {
    const socket = await open();
    socket.write('PRI / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await everything(socket)).not.toContain('HTTP/1.1 200');
  });
});

describe('HTTP/1.1 beside it', () => {
  test('a connection is kept for a second request', async () => {
    const socket = await open();
    const request = 'GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answer = everything(socket);
    await inPieces(socket, [request + request, request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')]);
    expect((await answer).match(/"pong"/g)).toHaveLength(3);
  });

  test('who expects 100 Continue is told to go on', async () => {
    const socket = await open();
    const body = '{"text":"x"}';
    socket.write(
      `POST /memories HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
    );
    const [goOn] = (await once(socket, 'data')) as [Buffer];
    expect(goOn.toString()).toContain('100 Continue');
    const answer = everything(socket);
    socket.write(body);
    expect(await answer).toContain('HTTP/1.1 201 ');
  });
});

describe('HTTP/2 connections', () => {
  test('are counted with the others', async () => {
    const session: ClientHttp2Session = connectHttp2(running.url);
    await once(session, 'remoteSettings');
    await eventually(async () => {
      const values = (await running.registry.getSingleMetric('soma_gateway_connections')?.get())?.values;
      expect(values?.[0]?.value).toBe(1);
    });
    session.destroy();
  });
});
