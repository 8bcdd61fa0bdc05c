import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROOT } from '../../system/index.js';
import { target } from '../client.js';
import { run } from '../run-program.js';

/** Inside the checkout, so that packages are found. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(ROOT, 'tests', 'dist', 'readme-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The programs of a README, each with the line before its code. */
function programs(): [string, string][] {
  const readme = readFileSync(join(ROOT, 'clients', 'typescript', 'README.md'), 'utf8');
  return [...readme.matchAll(/([^\n]*)\n+```ts\n([\s\S]*?)```/g)].map(([, line = '', code = '']) => [
    line,
    code,
  ]);
}

test('there are some', () => {
  expect(programs().length).toBeGreaterThan(4);
});

test.each(programs())('%s', async (_, code) => {
  const file = join(folder, `${randomBytes(4).toString('hex')}.mjs`);
  // Each program is whole, but for what the first one makes.
  await writeFile(file, code.includes('new SomaClient') ? code : `${programs()[0]?.[1] ?? ''}\n${code}`);
  const { url, token } = target();
  const env = { SOMA_URL: url, SOMA_API_TOKEN: token };
  const { exitCode, notes } = await run(process.execPath, [file], env);
  expect(exitCode === 0 ? '' : notes).toBe('');
});
