import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresFolder } from '@soma/postgres/embedded';
import { freePort } from '@soma/testing';
import { untilReady } from './readiness.js';
import { ServiceProcess } from './service-process.js';
import type { System } from './system.js';
import { until } from './until.js';

export interface StandaloneOptions {
  dataDir: string;
  /** Further settings. */
  env?: Record<string, string>;
  /** See ServiceProcessOptions. */
  preload?: string;
}

export interface Standalone extends System {
  process: ServiceProcess;
}

/** A folder for one standalone, removed with whatever Postgres is left on it by `remove`. */
export async function makeDataDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'soma-data-'));
  // As root, Postgres runs under a user of its own, which has to reach the folder.
  await chmod(path, 0o755);
  return {
    path,
    remove: async () => {
      await stopOrphanedPostgres(path);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** The standalone profile as `npm start` runs it, on free ports. Ready when it resolves. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { service, url, opsUrl } = await spawnStandalone(options);
  await untilReady(service, opsUrl);
  return {
    process: service,
    services: [service],
    url,
    opsUrls: { standalone: opsUrl },
    token: (await readFile(join(options.dataDir, 'api-token'), 'utf8')).trim(),
    stop: async () => {
      const code = await service.stop();
      if (code !== 0) throw new Error(`standalone ended with ${String(code)}:\n${service.output}`);
    },
  };
}

/** The same without waiting: it may be meant to fail. */
export async function spawnStandalone(
  options: StandaloneOptions,
): Promise<{ service: ServiceProcess; url: string; opsUrl: string }> {
  const [apiPort, opsPort, postgresPort] = [await freePort(), await freePort(), await freePort()];
  const env = {
    SOMA_DATA_DIR: options.dataDir,
    // Starts at once; what the models do is tested beside them.
    SOMA_EMBEDDER: 'hash',
    SOMA_API_PORT: String(apiPort),
    SOMA_OPS_PORT: String(opsPort),
    SOMA_POSTGRES_PORT: String(postgresPort),
    ...options.env,
  };
  return {
    service: new ServiceProcess('standalone', env, {
      ...(options.preload === undefined ? {} : { preload: options.preload }),
    }),
    url: `http://127.0.0.1:${env.SOMA_API_PORT}`,
    opsUrl: `http://127.0.0.1:${env.SOMA_OPS_PORT}`,
  };
}

/** The process id of the Postgres that works on the folder, by its own pid file; undefined when none does. */
export async function postgresPid(dataDir: string): Promise<number | undefined> {
  const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

/** Where the Postgres of a standalone that runs listens: line 4 of its own pid file. */
export async function standalonePostgresUrl(dataDir: string): Promise<string> {
  const folder = await postgresFolder(dataDir);
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
  const port = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[3] ?? '';
  return `postgres://soma:${password}@127.0.0.1:${port}/postgres`;
}

async function stopOrphanedPostgres(dataDir: string): Promise<void> {
  const pid = await postgresPid(dataDir);
  if (pid === undefined) return;
  // Immediate shutdown: the data is about to be removed.
  process.kill(pid, 'SIGQUIT');
  await until('the orphaned Postgres to end', 30_000, () => !isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
