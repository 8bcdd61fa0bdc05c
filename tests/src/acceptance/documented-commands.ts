import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '@soma/memory';
import { ROOT } from '../system/index.js';
import { target } from './client.js';

const run = promisify(execFile);

/** The curl lines of a page as they stand, continued lines joined. */
export function curlLines(page: string): string[] {
  const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)];
  return blocks
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith('curl '));
}

/** Where commands leave their files. */
const FOLDER = mkdtempSync(join(tmpdir(), 'soma-commands-'));
process.once('exit', () => {
  rmSync(FOLDER, { recursive: true, force: true });
});

/** What a line answers, nothing when it goes to a file, when it is pasted beside the system under test, where no other page writes. */
export async function paste(line: string, namespace: string): Promise<JsonObject> {
  const { url, token } = target();
  const pasted = line
    .replaceAll('http://127.0.0.1:40020', url)
    .replace(/^curl /, `curl -H 'Soma-Namespace: ${namespace}' `);
  const { stdout } = await run('bash', ['-c', pasted], {
    cwd: FOLDER,
    env: { ...process.env, TOKEN: token },
  });
  return JSON.parse(stdout === '' ? '{}' : stdout) as JsonObject;
}
