import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresFolder } from '@soma/postgres/embedded';
import { freePort } from '@soma/testing';
import {
  killPostgres,
  makeDataDir,
  readyStatus,
  spawnStandalone,
  until,
  untilReady,
  type ServiceProcess,
} from '../../system/index.js';
import type { StandaloneArena, StartedArena } from '../fault.js';
import { OwnEmbedder } from '../tools/embedder.js';
import { FAULT_POINTS, harm, shiftClockOf } from '../tools/fault-remote.js';
import { TcpProxy } from '../tools/tcp-proxy.js';
import { embedderEnv } from './cluster-stores.js';
import type { ArenaOptions } from './index.js';
import { routeExists, sqlOn } from './stores-access.js';

const READY_TIMEOUT_MS = 120_000;
const RESTART_DELAY_MS = 1_000;

interface Parts {
  embedder: OwnEmbedder;
  proxy: TcpProxy;
  dataDir: string;
  /** The same ports at every start. */
  env: Record<string, string>;
}

/** One process on one folder, started again when it ends, with an embedder of the suite's own behind a proxy. */
export async function startStandaloneArena(options: ArenaOptions): Promise<StartedArena> {
  const { random, say } = options;
  const folder = await makeDataDir();
  const embedder = await OwnEmbedder.start();
  const proxy = await TcpProxy.start({ target: { port: embedder.port } });
  const env = { ...(await ports()), ...embedderEnv(embedder, proxy), ...options.env };
  const parts: Parts = { embedder, proxy, dataDir: folder.path, env };
  const keeper = new Keeper(parts);
  const stop = async (): Promise<void> => {
    await keeper.stop();
    await Promise.all([proxy.stop(), embedder.stop()]);
    await folder.remove();
  };
  try {
    await keeper.start();
    const token = (await readFile(join(folder.path, 'api-token'), 'utf8')).trim();
    const postgresUrl = await urlOf(folder.path, env.SOMA_POSTGRES_PORT);
    const standalone = arenaOf(parts, keeper, token, postgresUrl);
    return {
      profile: 'standalone',
      random,
      say,
      standalone,
      url: standalone.url,
      token,
      env,
      postgresUrl,
      dataFolders: [folder.path],
      restarts: () => ({ standalone: keeper.restarts }),
      complaints: () => keeper.complaints,
      outputTails: () => ({ standalone: keeper.process.output, 'standalone-ended': keeper.lastWords }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ports() {
  const [api, ops, postgres] = [await freePort(), await freePort(), await freePort()];
  return { SOMA_API_PORT: String(api), SOMA_OPS_PORT: String(ops), SOMA_POSTGRES_PORT: String(postgres) };
}

async function urlOf(dataDir: string, port: string): Promise<string> {
  const password = await readFile(join(await postgresFolder(dataDir), 'password'), 'utf8');
  return `postgres://soma:${password.trim()}@127.0.0.1:${port}/postgres`;
}

function arenaOf(parts: Parts, keeper: Keeper, token: string, postgresUrl: string): StandaloneArena {
  const { embedder, proxy, dataDir, env } = parts;
  const url = `http://127.0.0.1:${env['SOMA_API_PORT'] ?? ''}`;
  return {
    get process() {
      return keeper.process;
    },
    get services() {
      return [keeper.process];
    },
    url,
    token,
    opsUrls: { standalone: keeper.opsUrl },
    stop: () => keeper.stop(),
    embedder,
    proxies: { embedder: proxy },
    sql: (text, values) => sqlOn(postgresUrl, text, values),
    hasRoute: (method, path) => routeExists(url, method, path),
    postgres: {
      folder: join(dataDir, 'postgres'),
      kill: async () => killPostgres(await postgresFolder(dataDir)),
    },
    harm: (order) => harm(() => keeper.process, order),
    shiftClock: (shiftMs) => shiftClockOf(keeper.process, shiftMs),
    untilReady: () => keeper.untilReady(),
    restart: (how) => keeper.restart(how),
  };
}

/** The one process, as whoever supervises it sees it. */
class Keeper {
  restarts = 0;
  lastWords = '';
  readonly complaints: string[] = [];
  readonly opsUrl: string;
  readonly #parts: Parts;
  #process: ServiceProcess | undefined;
  #stopping = false;
  #asked = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.opsUrl = `http://127.0.0.1:${parts.env['SOMA_OPS_PORT'] ?? ''}`;
  }

  get process(): ServiceProcess {
    if (this.#process === undefined) throw new Error('standalone was not started');
    return this.#process;
  }

  async start(): Promise<void> {
    await this.#spawn();
    await untilReady(this.process, this.opsUrl);
  }

  async untilReady(): Promise<void> {
    await until('standalone to be ready', READY_TIMEOUT_MS, async () => {
      return !this.process.ended && (await readyStatus(this.opsUrl)) === 200;
    });
  }

  async restart(how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const before = this.process;
    this.#asked = how === 'SIGTERM';
    before.signal(how);
    const code = await before.exit();
    if (how === 'SIGTERM' && code !== 0)
      this.complaints.push(`standalone ended with ${String(code)} after SIGTERM`);
    await until('standalone to be started again', READY_TIMEOUT_MS, () => this.process !== before);
    await this.untilReady();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#process?.signal('SIGCONT');
    await this.#process?.stop();
  }

  async #spawn(): Promise<void> {
    const { dataDir, env } = this.#parts;
    const { service } = await spawnStandalone({ dataDir, env, preload: FAULT_POINTS });
    this.#process = service;
    this.#asked = false;
    void service.exit().then(async (code) => {
      if (this.#stopping) return;
      this.lastWords = service.output;
      if (code === 0 && !this.#asked)
        this.complaints.push('standalone ended with 0 although nobody asked it to');
      await sleep(RESTART_DELAY_MS);
      await this.#spawnAgain();
    });
  }

  async #spawnAgain(): Promise<void> {
    if (this.#stopping) return;
    this.restarts += 1;
    await this.#spawn();
  }
}
