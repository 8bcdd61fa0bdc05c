import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { profile } from '../acceptance-system/index.js';
import { makeDataDir, startGateway, startStandalone, until, untilReady } from '../system/index.js';
import { Client } from './client.js';

interface Started {
  url: string;
  opsUrl: string;
  stop(): Promise<void>;
}

let folder: string;
let file: string;
let started: Started;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-token-file-'));
  file = join(folder, 'token');
  await writeFile(file, 'the-first-token\n');
  started = await (profile() === 'cluster' ? gatewayWith(file) : standaloneWith(file));
});
afterAll(async () => {
  await started.stop();
  await rm(folder, { recursive: true });
});

async function standaloneWith(path: string): Promise<Started> {
  const dataDir = await makeDataDir();
  // The test's own reading of the token that a standalone makes for itself.
  await writeFile(join(dataDir.path, 'api-token'), 'not-used');
  const system = await startStandalone({ dataDir: dataDir.path, env: { SOMA_API_TOKEN_FILE: path } });
  const stop = async (): Promise<void> => {
    await system.stop();
    await dataDir.remove();
  };
  return { url: system.url, opsUrl: system.opsUrls['standalone'] ?? '', stop };
}

async function gatewayWith(path: string): Promise<Started> {
  const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
  // Both would stop the start.
  const rest = Object.fromEntries(Object.entries(settings).filter(([name]) => name !== 'SOMA_API_TOKEN'));
  const { process: gateway, opsUrl, apiUrl } = await startGateway({ ...rest, SOMA_API_TOKEN_FILE: path });
  await untilReady(gateway, opsUrl);
  const stop = async (): Promise<void> => {
    await gateway.stop();
  };
  return { url: apiUrl, opsUrl, stop };
}

const statusWith = async (token: string) =>
  (await new Client({ target: { url: started.url, token } }).get('none')).status;
const isStale = async () => {
  const text = await (await fetch(`${started.opsUrl}/metrics`)).text();
  return /^soma_gateway_token_file_stale(?:\{[^}]*\})? 1$/m.test(text);
};

test('a token file is read again when it changes; while it is gone its last token goes on, and that is said', async () => {
  expect(await statusWith('the-first-token')).toBe(404);
  await writeFile(`${file}.new`, 'the-second-token\n');
  await rename(`${file}.new`, file);
  await until('the new token to count', 5_000, async () => (await statusWith('the-second-token')) === 404);
  expect(await statusWith('the-first-token')).toBe(401);

  expect(await isStale()).toBe(false);
  await rm(file);
  await until('the lost file to be told', 5_000, isStale);
  expect(await statusWith('the-second-token')).toBe(404);
  await writeFile(file, 'the-third-token');
  await until('the third token to count', 5_000, async () => (await statusWith('the-third-token')) === 404);
  expect(await isStale()).toBe(false);
});
