import { describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { createLogger, type LoggerOptions } from './logger.js';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    lines,
    logger: createLogger({ service: 'writer', level: 'info', format: 'json', destination, ...options }),
  };
}

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const { lines, logger } = capture();
  write(logger);
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

test('a line is JSON with service, level and an ISO time', () => {
  expect(
    logged((logger) => {
      logger.info({ partition: 3 }, 'hello');
    }),
  ).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    service: 'writer',
    partition: 3,
    msg: 'hello',
  });
});

test('lines below the level are not written', () => {
  const { lines, logger } = capture({ level: 'warn' });
  logger.info('quiet');
  expect(lines).toEqual([]);
});

describe('secrets and contents', () => {
  test.each([
    { authorization: 'Bearer hunter2' },
    { token: 'hunter2' },
    { request: { headers: { authorization: 'hunter2' } } },
    { memory: { payload: { pin: 'hunter2' }, text: 'hunter2' } },
    { batch: { records: [{ payload: 'hunter2' }] } },
    { query: 'hunter2' },
  ])('%j is redacted', (fields) => {
    const line = JSON.stringify(
      logged((logger) => {
        logger.info(fields, 'x');
      }),
    );
    expect(line).toContain('[redacted]');
    expect(line).not.toContain('hunter2');
  });

  test('of a child logger are redacted', () => {
    expect(
      logged((logger) => {
        logger.child({ token: 'hunter2' }).info('x');
      })['token'],
    ).toBe('[redacted]');
  });

  test('on an error of a driver stay out, its causes are followed', () => {
    const driver = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (text)=(hunter2)',
    });
    const line = logged((logger) => {
      logger.error({ err: new SomaError('internal', 'no', { cause: driver }) }, 'x');
    });
    expect(line['err']).toMatchObject({
      type: 'SomaError',
      code: 'internal',
      message: 'no',
      cause: { code: '23505', message: 'duplicate key' },
    });
    expect(JSON.stringify(line)).not.toContain('hunter2');
  });

  test('thrown as no error at all stay out', () => {
    expect(
      logged((logger) => {
        logger.error({ err: { token: 'hunter2' } }, 'x');
      })['err'],
    ).toEqual({ message: 'object' });
  });
});

test('the text format is for people', () => {
  const { lines, logger } = capture({ format: 'text' });
  logger.warn({ partition: 3, token: 'hunter2' }, 'careful');
  expect(lines.join('')).toMatch(/WARN.*: careful \{.*"partition":3/);
  expect(lines.join('')).not.toContain('hunter2');
});
