import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { everything, exchange as sendRaw } from './test/raw-exchange.js';
import { startGateway, TOKEN, type RunningGateway } from './test/running-gateway.js';

let running: RunningGateway;
beforeAll(async () => {
  running = await startGateway({
    SOMA_REQUEST_TIMEOUT: '1',
    SOMA_HEADERS_TIMEOUT: '1',
    SOMA_MAX_HEADER_BYTES: '8192',
    SOMA_ALLOWED_HOSTS: 'memory.test',
  });
});
afterAll(() => running.stop());

const exchange = (bytes: string) => sendRaw(running, bytes);

const get = (...headers: string[]) =>
  `GET /ping HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`;

describe('what is hardly HTTP', () => {
  test('a body that never arrives whole is 408', async () => {
    const head = `POST /memories HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    const answer = await exchange(`${head}{"text":`);
    expect(answer).toContain('HTTP/1.1 408 ');
    expect(answer).toContain('"code":"request_timeout"');
    expect(running.log.taken).toHaveLength(0);
  });

  test('headers that never end are 408', async () => {
    expect(await exchange('GET /ping HTTP/1.1\r\nHost: local')).toContain('HTTP/1.1 408 ');
  });

  test('nonsense is 400 as a problem', async () => {
    const answer = await exchange('hello\r\n\r\n');
    expect(answer).toContain('HTTP/1.1 400 ');
    expect(answer).toContain('"code":"invalid_request"');
  });

  test('headers over the limit are 431, a request line over it is 414', async () => {
    expect(await exchange(get('Host: localhost', `X-Large: ${'x'.repeat(9000)}`))).toContain('HTTP/1.1 431 ');
    expect(await exchange(`GET /${'x'.repeat(9000)} HTTP/1.1\r\n\r\n`)).toMatch(/HTTP\/1\.1 (414|431) /);
  });

  test('lengths that contradict each other are 400: nothing is smuggled', async () => {
    const head = `POST /memories HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
    const answer = await exchange(`${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    expect(answer).toContain('HTTP/1.1 400 ');
  });

  test('a foreign Host is 403, a listed one is not', async () => {
    for (const host of ['evil.test', 'localhost.evil.test', '10.0.0.1:40020']) {
      expect(await exchange(get(`Host: ${host}`))).toContain('HTTP/1.1 403 ');
    }
    for (const host of ['memory.test:40020', 'localhost', '[::1]:40020', '127.0.0.1']) {
      expect(await exchange(get(`Host: ${host}`))).toContain('HTTP/1.1 200 ');
    }
  });

  test('a header given twice that has one value is 400', async () => {
    const answer = await exchange(get('Host: localhost', 'Soma-Namespace: a', 'Soma-Namespace: b'));
    expect(answer).toContain('HTTP/1.1 400 ');
    expect(answer).toContain('given twice');
  });
});

describe('stopping', () => {
  test('writes that wait are answered with what is known, later requests with 503', async () => {
    const other = await startGateway();
    other.workers.paused = true;
    const waiting = other.call('PUT', '/memories/a', { body: { text: 'x' } });
    // A connection that is there before the stop and asks after it.
    const kept = connect(other.gateway.address().port, '127.0.0.1');
    await once(kept, 'connect');
    kept.write('POST /memories HTTP/1.1\r\nHost: localhost\r\n');
    while (other.log.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = other.stop();
    kept.write('\r\n');
    expect(await waiting).toMatchObject({ status: 202, json: { status: 'accepted' } });
    const late = await everything(kept);
    expect(late).toContain('HTTP/1.1 503 ');
    expect(late).toContain('"code":"shutting_down"');
    await stopped;
  });

  test('is harmless before a start and twice', async () => {
    const other = await startGateway();
    await other.gateway.stop();
    await other.stop();
  });
});
