import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { z } from 'zod';
import { embedderSettings, requireEmbedderEndpoint } from './embedder-settings.js';
import { choice, integer, text } from './setting-types.js';
import { setting } from './setting.js';
import { loadSettings, type Environment } from './settings.js';

const schema = z.object({
  SOMA_API_PORT: setting(integer({ min: 0, max: 65_535 }).default(40_020), { doc: 'Port.', example: '8080' }),
  SOMA_MODE: setting(choice(['fast', 'safe']), { doc: 'Mode.', example: 'safe' }),
  SOMA_API_TOKEN: setting(text().min(8, 'must have at least 8 characters'), {
    doc: 'Token.',
    example: '<token>',
    secret: true,
  }),
});
const good = { SOMA_MODE: 'fast', SOMA_API_TOKEN: 'correct horse' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soma-settings-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileWith(content: string): string {
  const path = join(folder, `secret-${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

function problemsOf(env: Environment): string {
  try {
    loadSettings(schema, env);
  } catch (error) {
    if (error instanceof SomaError && error.code === 'invalid_configuration') return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

test('gives typed values and defaults', () => {
  expect(loadSettings(schema, good)).toEqual({ ...good, SOMA_API_PORT: 40_020 });
  expect(loadSettings(schema, { ...good, SOMA_API_PORT: '1', PATH: '/bin' }).SOMA_API_PORT).toBe(1);
});

test('tells all problems at once, each with an example', () => {
  expect(problemsOf({ SOMA_API_PORT: 'eighty', SOMA_MODE: 'quick' })).toBe(
    [
      '3 settings are wrong:',
      '  SOMA_API_PORT must be a whole number from 0 to 65535; for example SOMA_API_PORT=8080',
      '  SOMA_MODE must be one of: fast, safe; for example SOMA_MODE=safe',
      '  SOMA_API_TOKEN is not set, nor is SOMA_API_TOKEN_FILE; for example SOMA_API_TOKEN=<token>',
    ].join('\n'),
  );
});

test('a required setting that is absent is called so', () => {
  expect(problemsOf({ SOMA_API_TOKEN: good.SOMA_API_TOKEN })).toContain('SOMA_MODE is not set; for example');
});

describe('a secret', () => {
  const tokenFrom = (file: string) =>
    loadSettings(schema, { SOMA_MODE: 'fast', SOMA_API_TOKEN_FILE: file }).SOMA_API_TOKEN;

  test.each(['correct horse', 'correct horse\n', 'correct horse\r\n'])(
    'is read from a file: %j',
    (content) => {
      expect(tokenFrom(fileWith(content))).toBe('correct horse');
    },
  );

  test.each([
    ['both given', () => ({ SOMA_API_TOKEN: 'abcdefgh', SOMA_API_TOKEN_FILE: fileWith('abcdefgh') })],
    ['empty', () => ({ SOMA_API_TOKEN: '' })],
    ['an empty file', () => ({ SOMA_API_TOKEN_FILE: fileWith('\n') })],
    ['no such file', () => ({ SOMA_API_TOKEN_FILE: join(folder, 'absent') })],
    ['an empty file name', () => ({ SOMA_API_TOKEN_FILE: '' })],
    ['absent', () => ({})],
  ])('%s: refused, and both names are told', (_, env) => {
    const message = problemsOf({ SOMA_MODE: 'fast', ...env() });
    expect(message).toMatch(/^One setting is wrong:\n {2}SOMA_API_TOKEN .*SOMA_API_TOKEN_FILE/);
  });

  test('is never in the message', () => {
    expect(problemsOf({ ...good, SOMA_API_TOKEN: 'hunter2' })).not.toContain('hunter2');
    const quoting = z.object({
      SOMA_S: setting(
        z.string().refine(() => false, { error: (issue) => `${String(issue.input)} is not good` }),
        { doc: 'S.', example: '<s>', secret: true },
      ),
    });
    expect(() => loadSettings(quoting, { SOMA_S: 'hunter2' })).toThrow(
      /SOMA_S is not valid; for example SOMA_S=<s>$/,
    );
  });

  test('only a secret may be a file', () => {
    expect(problemsOf({ SOMA_API_TOKEN: good.SOMA_API_TOKEN, SOMA_MODE_FILE: fileWith('fast') })).toContain(
      'SOMA_MODE is not set',
    );
  });
});

test('the embedder over HTTP needs to know where, which and how long', () => {
  const embedder = z.object(embedderSettings).superRefine(requireEmbedderEndpoint);
  expect(loadSettings(embedder, {})).toEqual({ SOMA_EMBEDDER: 'bundled' });
  expect(() => loadSettings(embedder, { SOMA_EMBEDDER: 'openai', SOMA_EMBEDDER_MODEL: 'm' })).toThrow(
    /2 settings are wrong:\n {2}SOMA_EMBEDDER_URL is not set.*\n {2}SOMA_EMBEDDER_DIMENSION is not set/,
  );
});
