import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onceInto } from './once-into.js';

const run = promisify(execFile);

/**
 * The folder of programs (`bin`) of a Python environment with what a requirements file names, from a cache folder that
 * is filled once for each content of that file, from PyPI.
 * @throws ENOENT when there is no python3, or no way to get what is named
 */
export async function pythonEnvironment(name: string, requirements: string): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(homedir(), '.cache', 'soma', name, version);
  try {
    await onceInto(folder, async (aside) => {
      await run('python3', ['-m', 'venv', aside]);
      await run(join(aside, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    });
  } catch (cause) {
    throw Object.assign(new Error(`no Python environment for ${name}`, { cause }), { code: 'ENOENT' });
  }
  return join(folder, 'bin');
}
