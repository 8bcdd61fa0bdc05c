import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';

export interface RunningRedis {
  url: string;
  port: number;
  /** SIGKILL, as a crash; `restart` brings it back on its port and folder. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stand, answers do not come. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/**
 * A real Redis in a folder of its own, on a free port of 127.0.0.1.
 * @param settings further settings as on the command line: `['--appendonly', 'yes']`
 * @throws ENOENT when redis-server is not installed
 */
export async function startRedis(settings: string[] = [], wantedPort?: number): Promise<RunningRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-redis-'));
  const port = wantedPort ?? (await freePort());
  const run = () =>
    spawnRedis(port, [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      ...settings,
    ]);
  let server = await run().catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const kill = () => end(server, 'SIGKILL');
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      server = await run();
    },
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Three masters that share the slots. `url` is of the form redis+cluster://host:port,host:port,host:port. */
export async function startRedisCluster(): Promise<{
  url: string;
  nodes: RunningRedis[];
  stop(): Promise<void>;
}> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const nodes = await Promise.all([startRedis(settings), startRedis(settings), startRedis(settings)]);
  const clients = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
  try {
    await Promise.all(
      clients.map((client, index) => client.cluster('ADDSLOTSRANGE', ...slotsOf(index, clients.length))),
    );
    for (const { port } of nodes.slice(1)) await clients[0]?.cluster('MEET', '127.0.0.1', port);
    await Promise.all(
      clients.map((client) => until(async () => isJoined(await client.cluster('INFO'), nodes.length))),
    );
  } finally {
    for (const client of clients) client.disconnect();
  }
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

/**
 * A master named `main`, a replica, and a Sentinel that makes the replica master within seconds of the master's end.
 * `url` is of the form redis+sentinel://host:port/main.
 */
export async function startRedisSentinel(): Promise<{
  url: string;
  master: RunningRedis;
  stop(): Promise<void>;
}> {
  const master = await startRedis();
  const replica = await startRedis([
    '--replicaof',
    '127.0.0.1',
    String(master.port),
    '--repl-diskless-sync-delay',
    '0',
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'soma-sentinel-'));
  const port = await freePort();
  const config = join(folder, 'sentinel.conf');
  await writeFile(config, sentinelConfig(port, master.port));
  const sentinel = await spawnRedis(port, [config, '--sentinel']);
  await onServer(port, (client) => until(async () => (await client.info()).includes('slaves=1')));
  await onServer(replica.port, (client) =>
    until(async () => (await client.info()).includes('master_link_status:up')),
  );
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    master,
    stop: async () => {
      await end(sentinel, 'SIGKILL');
      await Promise.all([master.stop(), replica.stop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

function sentinelConfig(port: number, masterPort: number): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor main 127.0.0.1 ${masterPort} 1`,
    'sentinel down-after-milliseconds main 500',
    'sentinel failover-timeout main 3000',
  ].join('\n');
}

async function onServer<T>(port: number, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: '127.0.0.1' });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

const SLOTS = 16_384;

function slotsOf(index: number, nodes: number): [first: number, last: number] {
  return [Math.floor((index * SLOTS) / nodes), Math.floor(((index + 1) * SLOTS) / nodes) - 1];
}

function isJoined(info: unknown, nodes: number): boolean {
  return String(info).includes('cluster_state:ok') && String(info).includes(`cluster_known_nodes:${nodes}`);
}

async function spawnRedis(port: number, settings: string[]): Promise<ChildProcess> {
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  await once(server, 'spawn');
  const killOnExit = () => server.kill('SIGKILL');
  process.once('exit', killOnExit);
  server.once('exit', () => process.off('exit', killOnExit));
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: 0 });
  // Refused until it listens.
  client.on('error', () => undefined);
  try {
    await until(() =>
      client.ping().then(
        () => true,
        () => false,
      ),
    );
  } catch (error) {
    await end(server, 'SIGKILL');
    throw error;
  } finally {
    client.disconnect();
  }
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`redis-server was not ready within ${START_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
