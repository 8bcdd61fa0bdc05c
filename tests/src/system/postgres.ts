import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@soma/postgres/embedded';
import { migrate } from '@soma/postgres';
import { freePort, type RunningServer } from '@soma/testing';
import { until } from './until.js';

export interface RestartablePostgres extends RunningServer {
  /** Where `data` lies, which may be copied and put back while the server is halted. */
  folder: string;
  /** Fast shutdown: every connection ends and none is taken. */
  halt(): Promise<void>;
  /** kill -9 of the server with all its processes. */
  kill(): Promise<void>;
  /** The same data on the same port again. */
  restart(): Promise<void>;
}

export interface PostgresOptions {
  settings: Record<string, string>;
  /** Default a temporary one, which `stop` removes. */
  folder?: string;
}

export async function startMigratedPostgres(options: PostgresOptions): Promise<RestartablePostgres> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'soma-postgres-')));
  // As root, Postgres runs under a user of its own, which has to reach the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const start = () =>
    startEmbeddedPostgres({ folder, port, settings: { max_connections: '300', ...options.settings } });
  let server = await start();
  let running = true;
  await migrate(server.url);
  const halt = async () => {
    if (!running) return;
    running = false;
    await server.stop();
  };
  return {
    url: server.url,
    folder,
    halt,
    kill: async () => {
      if (!running) return;
      running = false;
      await killPostgres(folder);
    },
    restart: async () => {
      if (running) return;
      server = await start();
      running = true;
    },
    stop: async () => {
      await halt();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** kill -9 of the server on `folder` and all its processes: no backend outlives it, so that the next may start at once. */
export async function killPostgres(folder: string): Promise<void> {
  const postmaster = await postmasterPid(folder);
  if (postmaster === undefined) return;
  process.kill(postmaster, 'SIGSTOP');
  const all = [postmaster, ...(await childrenOf(postmaster))];
  for (const pid of all) kill(pid);
  await until('the killed Postgres to be gone', 30_000, () => !all.some(isRunning));
}

/** The server that works on `folder`, by its own pid file; undefined when none does. */
export async function postmasterPid(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 0 && isRunning(pid) ? pid : undefined;
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => statusOf(pid)?.parent === parent);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function isRunning(pid: number): boolean {
  const status = statusOf(pid);
  return status !== undefined && status.state !== 'Z';
}

/** Linux only, as is this suite. The command's name may hold blanks and brackets. */
function statusOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
