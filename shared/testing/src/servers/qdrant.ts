import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunningServer } from './postgres.js';
import { pythonEnvironment } from './python-environment.js';

// The sources' folder, seen from the compiled file too: the build takes only TypeScript along.
const PROGRAM = fileURLToPath(new URL('../../src/servers/qdrant-stand-in', import.meta.url));

/**
 * The stand-in of Qdrant for machines without one: its REST API over the local mode of its Python client. The first
 * start makes a virtual environment in a cache folder, which needs PyPI.
 * @throws ENOENT when there is no python3, or no way to get the client
 */
export async function startQdrantStandIn(): Promise<RunningServer> {
  const bin = await pythonEnvironment('qdrant-stand-in', join(PROGRAM, 'requirements.txt'));
  const server = spawn(join(bin, 'python'), [join(PROGRAM, 'server.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
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
