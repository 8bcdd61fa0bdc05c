import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startKafka, startRedis } from '@soma/testing';
import { migrate } from '@soma/postgres';
import { postgresFolder, startEmbeddedPostgres } from '@soma/postgres/embedded';
import Table from 'cli-table3';
import { untilReady } from '../system/readiness.js';
import { ServiceProcess } from '../system/service-process.js';

/** The cluster profile as local processes on the documented ports, for trying and developing: `npm run cluster`. */

const PORTS = { gateway: 40020, postgres: 40021, redis: 40022, kafka: 40024, query: 40026 };
const OPS_PORTS = {
  gateway: 40030,
  query: 40031,
  writer: 40032,
  indexer: 40033,
  graph: 40034,
  'cache-invalidator': 40035,
  webhooks: 40036,
};

/** Few for one machine: more records come together in a batch than with the default of a real cluster. */
const PARTITIONS = '6';

interface Part {
  name: string;
  port: string;
  pid: string;
  stop(): Promise<unknown>;
}

const folder = resolve(process.env['SOMA_DATA_DIR'] ?? 'data');
const parts: Part[] = [];
let stopping = false;

process.once('SIGINT', () => void stopAll());
process.once('SIGTERM', () => void stopAll());

try {
  await start();
} catch (error) {
  say(`The cluster could not start: ${error instanceof Error ? error.message : String(error)}`);
  await stopAll(1);
}

async function start(): Promise<void> {
  await mkdir(join(folder, 'cluster', 'logs'), { recursive: true });
  const token = process.env['SOMA_API_TOKEN'] ?? (await secret('api-token'));
  say('Starting Kafka, Postgres and Redis …');
  const settings = await startStores();
  say('Starting the services …');
  await startServices({
    ...settings,
    SOMA_API_TOKEN: token,
    SOMA_INTERNAL_TOKEN: await secret('internal-token'),
  });
  show(token);
}

async function startStores(): Promise<Record<string, string>> {
  const [kafka, postgres, redis] = await Promise.all([
    startKafka({ ports: [PORTS.kafka], dataDir: join(folder, 'cluster', 'kafka') }),
    startPostgres(),
    startRedis([], PORTS.redis),
  ]);
  parts.push({ name: 'kafka', port: String(PORTS.kafka), pid: '', stop: () => kafka.stop() });
  parts.push({ name: 'redis', port: String(PORTS.redis), pid: '', stop: () => redis.stop() });
  parts.push({ name: 'postgres', port: String(PORTS.postgres), pid: '', stop: () => postgres.stop() });
  return {
    SOMA_KAFKA_BROKERS: kafka.brokers.join(','),
    SOMA_KAFKA_SINGLE_BROKER: '1',
    SOMA_PARTITIONS: process.env['SOMA_PARTITIONS'] ?? PARTITIONS,
    SOMA_POSTGRES_URL: postgres.url,
    SOMA_REDIS_URL: redis.url,
  };
}

async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const data = join(folder, 'cluster');
  const server = await startEmbeddedPostgres({
    folder: await postgresFolder(data),
    port: PORTS.postgres,
    settings: { max_connections: '200', max_locks_per_transaction: '256' },
  });
  await migrate(server.url);
  return server;
}

async function startServices(settings: Record<string, string>): Promise<void> {
  // What was set for all of them: an embedder, a Qdrant, a schema registry, limits.
  const given = Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[0].startsWith('SOMA_') && entry[1] !== undefined,
    ),
  );
  const started = Object.entries(OPS_PORTS).map(([name, opsPort]) => {
    const service = startService(name, { ...given, ...settings, SOMA_OPS_PORT: String(opsPort) });
    const port = name === 'gateway' || name === 'query' ? `${PORTS[name]}, ops ${opsPort}` : `ops ${opsPort}`;
    parts.push({ name, port, pid: String(service.pid), stop: () => service.stop() });
    return untilReady(service, `http://127.0.0.1:${opsPort}`).then(() => {
      void service.exit().then((code) => {
        if (!stopping)
          say(
            `${name} ended with ${code ?? 'a signal'}; ${logFile(name)} says why. Ctrl-C, then start again.`,
          );
      });
    });
  });
  await Promise.all(started);
}

function startService(name: string, env: Record<string, string>): ServiceProcess {
  const service = new ServiceProcess(name, env);
  service.pipeTo(createWriteStream(logFile(name), { flags: 'a' }));
  return service;
}

function logFile(name: string): string {
  return join(folder, 'cluster', 'logs', `${name}.log`);
}

async function secret(name: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    },
  );
  return (await readFile(file, 'utf8')).trim();
}

function show(token: string): void {
  const table = new Table({ head: ['part', 'port', 'pid'], style: { head: [], border: [] } });
  for (const { name, port, pid } of parts) table.push([name, port, pid]);
  say(table.toString());
  say(`token  ${token}   (also in ${join(folder, 'api-token')})`);
  say(`logs   ${join(folder, 'cluster', 'logs')}`);
  say(`try    curl -s http://127.0.0.1:${PORTS.gateway}/stats`);
  say('Ctrl-C stops all of it; what was stored stays in the data folder.');
}

async function stopAll(code = 0): Promise<void> {
  stopping = true;
  say('Stopping …');
  // The gateway first, so that what it took is still carried out; the stores last.
  for (const part of [...parts].reverse()) {
    await part.stop().catch((error: unknown) => {
      say(`${part.name} did not stop: ${String(error)}`);
    });
  }
  process.exit(code);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
