import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { z } from 'zod';
import { processSettings } from './common-settings.js';
import type { ProcessHost } from './process.js';
import { runServices } from './run-services.js';
import type { Service } from './service.js';

const settings = z.object(processSettings('writer'));

class Host extends EventEmitter implements ProcessHost {
  readonly written: string[] = [];
  readonly stderr = { write: (text: string) => this.written.push(text) };
  readonly exited: Promise<number>;
  exit: (code: number) => void = () => undefined;

  constructor(readonly env: Record<string, string> = {}) {
    super();
    this.env = { SOMA_LOG_LEVEL: 'silent', ...env };
    this.exited = new Promise((resolve) => (this.exit = resolve));
  }
}

/** A service that writes down what is asked of it. */
function recorded(name: string, log: string[], given: Partial<Service> = {}): Service {
  return {
    name,
    start: () => {
      log.push(`start ${name}`);
      return Promise.resolve();
    },
    stop: () => {
      log.push(`stop ${name}`);
      return Promise.resolve();
    },
    liveness: () => true,
    readiness: () => Promise.resolve({ [`${name}_store`]: true }),
    ...given,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function readyz(port: number): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } });
  return { status: response.status, body: await response.json() };
}

test('services start in order, answer probes, and stop in reverse', async () => {
  const log: string[] = [];
  const port = await freePort();
  const host = new Host({ SOMA_OPS_PORT: String(port) });
  const seen: unknown[] = [];
  const first = recorded('first', log, {
    start: async () => {
      log.push('start first');
      seen.push(await readyz(port));
    },
  });
  await runServices({ name: 'standalone', settings, host, build: () => [first, recorded('second', log)] });
  expect(seen).toEqual([{ status: 503, body: { serving: false, first_store: true, second_store: true } }]);
  expect(await readyz(port)).toEqual({
    status: 200,
    body: { serving: true, first_store: true, second_store: true },
  });
  host.emit('SIGTERM');
  expect(await host.exited).toBe(0);
  expect(log).toEqual(['start first', 'start second', 'stop second', 'stop first']);
});

test('when one cannot start, those before it are stopped again', async () => {
  const log: string[] = [];
  const host = new Host({ SOMA_OPS_PORT: '0' });
  const broken = recorded('broken', log, {
    start: () => Promise.reject(new SomaError('data_folder_in_use', 'taken')),
  });
  await runServices({ name: 'standalone', settings, host, build: () => [recorded('first', log), broken] });
  expect(await host.exited).toBe(1);
  expect(host.written.join('')).toContain('taken');
  expect(log).toEqual(['start first', 'stop broken', 'stop first']);
});

test('one that cannot stop keeps no other from stopping', async () => {
  const log: string[] = [];
  const host = new Host({ SOMA_OPS_PORT: '0' });
  const stuck = recorded('stuck', log, { stop: () => Promise.reject(new Error('stuck')) });
  await runServices({ name: 'standalone', settings, host, build: () => [recorded('first', log), stuck] });
  host.emit('SIGTERM');
  expect(await host.exited).toBe(1);
  expect(log).toContain('stop first');
});
