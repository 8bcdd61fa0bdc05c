import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { z } from 'zod';
import { logSettings, shutdownSettings } from './common-settings.js';
import { runProcess, type ProcessContext, type ProcessHost, type Running } from './process.js';
import { integer } from './setting-types.js';
import { setting } from './setting.js';

const settings = z.object({
  ...logSettings,
  ...shutdownSettings,
  SOMA_X: setting(integer({ min: 0, max: 9 }).default(1), { doc: 'X.', example: '1' }),
});

/** Stands for Node's process: what is written and the first exit are kept. */
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

const idle: Running = { stop: () => Promise.resolve() };

function run(start: (context: ProcessContext) => Promise<Running>, env: Record<string, string> = {}) {
  const host = new Host(env);
  const started = runProcess({ name: 'writer', settings, host, start: (_, context) => start(context) });
  return { host, started };
}

test('the settings reach the start', async () => {
  const host = new Host({ SOMA_X: '7' });
  let seen: unknown;
  await runProcess({
    name: 'writer',
    settings,
    host,
    start: (values) => {
      seen = values.SOMA_X;
      return Promise.resolve(idle);
    },
  });
  expect(seen).toBe(7);
});

test.each(['SIGTERM', 'SIGINT'])('%s stops what runs, then exits 0', async (signal) => {
  let stopped = false;
  const { host, started } = run(() =>
    Promise.resolve({
      stop: () => {
        stopped = true;
        return Promise.resolve();
      },
    }),
  );
  await started;
  host.emit(signal);
  expect(await host.exited).toBe(0);
  expect(stopped).toBe(true);
});

describe('exits 1', () => {
  test('at a second signal, without waiting', async () => {
    const { host, started } = run(() => Promise.resolve({ stop: () => new Promise(() => undefined) }));
    await started;
    host.emit('SIGTERM');
    host.emit('SIGTERM');
    expect(await host.exited).toBe(1);
  });

  test('when the stop is overdue', async () => {
    const stop = () => new Promise<void>(() => undefined);
    const { host, started } = run(() => Promise.resolve({ stop }), { SOMA_SHUTDOWN_GRACE: '1' });
    await started;
    host.emit('SIGTERM');
    expect(await host.exited).toBe(1);
  });

  test('when the stop fails', async () => {
    const { host, started } = run(() => Promise.resolve({ stop: () => Promise.reject(new Error('stuck')) }));
    await started;
    host.emit('SIGTERM');
    expect(await host.exited).toBe(1);
  });

  test.each(['uncaughtException', 'unhandledRejection'])('at %s', async (event) => {
    const { host, started } = run(() => Promise.resolve(idle));
    await started;
    host.emit(event, new Error('bug'));
    expect(await host.exited).toBe(1);
  });

  test('after a crash, when what runs has stopped', async () => {
    let stopped = false;
    let crash: ((error: unknown) => void) | undefined;
    const { host, started } = run((context) => {
      crash = context.crash;
      return Promise.resolve({
        stop: () => {
          stopped = true;
          return Promise.resolve();
        },
      });
    });
    await started;
    crash?.(new Error('the consumer died'));
    expect(await host.exited).toBe(1);
    expect(stopped).toBe(true);
  });

  test('after a crash in the middle of the start', async () => {
    const { host } = run((context) => {
      context.crash(new Error('died early'));
      return Promise.resolve(idle);
    });
    expect(await host.exited).toBe(1);
  });

  test('when the start fails for a reason known: its message and its causes, no stack', async () => {
    const { host } = run(() =>
      Promise.reject(
        new SomaError('store_unavailable', 'Postgres is out', { cause: new Error('ECONNREFUSED') }),
      ),
    );
    expect(await host.exited).toBe(1);
    expect(host.written.join('')).toBe(
      'writer cannot start (store_unavailable).\nPostgres is out\n  because: ECONNREFUSED\n',
    );
  });

  test('when the start fails for a reason unknown', async () => {
    const { host } = run(() => Promise.reject(new TypeError('bug')));
    expect(await host.exited).toBe(1);
  });

  test('when settings are wrong, those of the frame and of the service told at once', async () => {
    const { host } = run(() => Promise.resolve(idle), { SOMA_LOG_LEVEL: 'loud', SOMA_X: 'ten' });
    expect(await host.exited).toBe(1);
    const message = host.written.join('');
    expect(message).toContain('writer cannot start (invalid_configuration).\n2 settings are wrong:\n');
    expect(message).toContain('SOMA_LOG_LEVEL must be one of');
    expect(message).toContain('SOMA_X must be a whole number');
    expect(message).not.toContain('    at ');
  });
});

test('a start that waits is told to give up, and that is no failure', async () => {
  const { host } = run(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('given up'));
        });
        host.emit('SIGTERM');
      }),
  );
  expect(await host.exited).toBe(0);
});
