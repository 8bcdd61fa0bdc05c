import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SomaError } from '@soma/memory';
import pg from 'pg';
import { giveTo, postgresAccount, type Account } from './account.js';
import { binariesFor, exists } from './binaries.js';

const run = promisify(execFile);

export interface EmbeddedPostgresOptions {
  /** Folder of the data; made when missing. As root it must be one that other users can enter. */
  folder: string;
  /** TCP port on 127.0.0.1. */
  port: number;
  /** `name=value` settings of the server. */
  settings?: Record<string, string>;
  /** How long initdb and the start may take, milliseconds. */
  timeoutMs?: number;
}

export interface EmbeddedPostgres {
  /** postgres://… of the database "postgres"; holds the password. */
  url: string;
  /** True when a server left behind by a killed process was still running and is used on. */
  adopted: boolean;
  /** Fast shutdown: running transactions are rolled back, what is committed is on disk. */
  stop(): Promise<void>;
}

const USER = 'soma';

/**
 * A real Postgres as a child in a process group of its own, so that Ctrl-C reaches the parent first. A server that a
 * killed parent left on the folder is adopted, never doubled; whether somebody else uses it is for the caller to ask
 * by an advisory lock.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await postgresAccount();
  const bin = await binariesFor(account);
  const data = join(options.folder, 'data');
  const password = await passwordOf(options.folder, account);
  const timeoutMs = options.timeoutMs ?? 60_000;
  if (!(await exists(join(data, 'PG_VERSION'))))
    await initialise(bin, data, options.folder, account, timeoutMs);

  const stop = async (): Promise<void> => {
    await run(join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-w', '-t', '60'], { ...account });
  };
  const orphanPort = await runningPort(data);
  if (orphanPort !== undefined && (await answers(urlOf(password, orphanPort), data))) {
    return { url: urlOf(password, orphanPort), adopted: true, stop };
  }
  await launch(bin, data, options, account);
  const url = urlOf(password, options.port);
  await untilAnswers(url, data, options.folder, timeoutMs);
  return { url, adopted: false, stop };
}

function urlOf(password: string, port: number): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
}

async function passwordOf(folder: string, account: Account): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const file = join(folder, 'password');
  if (!(await exists(file))) {
    await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600 });
    await giveTo(account, file);
  }
  return (await readFile(file, 'utf8')).trim();
}

/** Made beside its place and renamed when complete, so that a start cut short leaves nothing half made. */
async function initialise(
  bin: string,
  data: string,
  folder: string,
  account: Account,
  timeoutMs: number,
): Promise<void> {
  const partial = `${data}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  await giveTo(account, partial);
  const flags = [
    `--username=${USER}`,
    `--pwfile=${join(folder, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ];
  try {
    await run(join(bin, 'initdb'), ['-D', partial, ...flags], {
      ...account,
      cwd: folder,
      timeout: timeoutMs,
    });
    await rename(partial, data);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    // Somebody else was quicker: theirs is as good.
    if (await exists(join(data, 'PG_VERSION'))) return;
    throw new SomaError(
      'invalid_configuration',
      `Postgres could not be set up in ${data}; is the folder writable, and is there room?`,
      { cause },
    );
  }
}

async function launch(
  bin: string,
  data: string,
  options: EmbeddedPostgresOptions,
  account: Account,
): Promise<void> {
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(join(options.folder, 'postgres.log'), 'a');
  const child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(options.port), ...flags], {
    ...account,
    cwd: options.folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.on('error', () => undefined);
  child.unref();
  await log.close();
}

/** The port that postmaster.pid names: line 4. The file may be left over from a server that is gone. */
async function runningPort(data: string): Promise<number | undefined> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
  const port = Number(lines[3]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/** Is it our server that listens there, on our data? */
async function answers(url: string, data: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory === data;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function untilAnswers(url: string, data: string, folder: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await answers(url, data))) {
    if (Date.now() > deadline) {
      throw new SomaError(
        'store_unavailable',
        `Postgres did not start within ${timeoutMs / 1000} s; ${join(folder, 'postgres.log')} says why`,
      );
    }
    await sleep(25);
  }
}
