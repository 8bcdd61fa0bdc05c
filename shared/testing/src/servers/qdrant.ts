import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exists } from './exists.js';
import type { RunningServer } from './postgres.js';

const run = promisify(execFile);

// The sources' folder, seen from the compiled file too: the build takes only TypeScript along.
const PROGRAM = fileURLToPath(new URL('../../src/servers/qdrant-stand-in', import.meta.url));
const CACHE = join(homedir(), '.cache', 'soma', 'qdrant-stand-in');

/**
 * The stand-in of Qdrant for machines without one: its REST API over the local mode of its Python client. The first
 * start makes a virtual environment in a cache folder, which needs PyPI.
 * @throws ENOENT when there is no python3, or no way to get the client
 */
export async function startQdrantStandIn(): Promise<RunningServer> {
  const python = join(await environment(), 'bin', 'python');
  const server = spawn(python, [join(PROGRAM, 'server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(server, 'spawn');
  const lines = createInterface({ input: server.stdout });
  const [port] = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    once(server, 'exit').then(() =>
      Promise.reject(new Error('the Qdrant stand-in ended before it listened')),
    ),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      if (server.exitCode !== null) return;
      const exited = once(server, 'exit');
      server.stdin.end();
      await exited;
    },
  };
}

/** The folder of a virtual environment with what requirements.txt names; made once for each content of it. */
async function environment(): Promise<string> {
  const requirements = join(PROGRAM, 'requirements.txt');
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(CACHE, version);
  if (await exists(join(folder, 'bin', 'python'))) return folder;
  await mkdir(dirname(folder), { recursive: true });
  // Made aside and moved in whole: test runs that start together do not meet half an environment.
  const aside = await mkdtemp(`${folder}-`);
  try {
    await run('python3', ['-m', 'venv', aside]);
    await run(join(aside, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    await rename(aside, folder);
  } catch (cause) {
    await rm(aside, { recursive: true, force: true });
    if (await exists(join(folder, 'bin', 'python'))) return folder;
    throw Object.assign(new Error('no virtual environment with qdrant-client', { cause }), {
      code: 'ENOENT',
    });
  }
  return folder;
}
