import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@soma/testing';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let folder: string;
let file: string;
let running: RunningGateway;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-token-'));
  file = join(folder, 'token');
  await writeFile(file, 'first\n');
  running = await startGateway({ SOMA_API_TOKEN_FILE: file });
});
afterEach(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

const statusWith = async (token: string) => (await running.call('GET', '/memories/none', { token })).status;
const isStale = async () => /^soma_gateway_token_file_stale 1$/m.test(await running.registry.metrics());

/** As mounted secrets change: another file takes the place. */
async function replace(text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

test('a token file that changes counts at once, and the former token no more', async () => {
  expect(await statusWith('first')).toBe(404);
  await replace('second\n');
  await eventually(async () => {
    expect(await statusWith('second')).toBe(404);
  });
  expect(await statusWith('first')).toBe(401);
});

test.each<[string, () => Promise<void>]>([
  ['gone', () => rm(file)],
  ['empty', () => replace('\n')],
  ['of something else', () => replace('two words')],
])('while the file is %s the last token goes on, and that is said', async (_, spoil) => {
  expect(await isStale()).toBe(false);
  await spoil();
  await eventually(async () => {
    expect(await isStale()).toBe(true);
  });
  expect(await statusWith('first')).toBe(404);
  expect(running.lines.filter((line) => line.includes('its last token goes on'))).toHaveLength(1);
  await replace('third');
  await eventually(async () => {
    expect(await statusWith('third')).toBe(404);
  });
  expect(await isStale()).toBe(false);
  expect(running.lines.join('')).not.toMatch(/first|third|two words/);
});
