import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@soma/testing';
import {
  readyStatus,
  SERVICES,
  ServiceProcess,
  startCluster,
  until,
  untilReady,
  type Cluster,
  type ServiceName,
} from '../../system/index.js';
import type { ClusterArena, StartedArena } from '../fault.js';
import { FAULT_POINTS, harm, shiftClockOf } from '../tools/fault-remote.js';
import { startClusterStores, type ClusterStores } from './cluster-stores.js';
import type { ArenaOptions } from './index.js';
import { redisCommandOn, routeExists, sqlOn, withKafkaAdmin } from './stores-access.js';
import { Supervisor } from './supervisor.js';

const READY_TIMEOUT_MS = 120_000;
/** Of a store's log. */
const MAX_TAIL = 64_000;

/** Three brokers, the other stores, proxies before all of them, and the services under a supervisor. */
export async function startClusterArena(options: ArenaOptions): Promise<StartedArena> {
  const { random, say } = options;
  const stores = await startClusterStores(options.needs ?? []);
  const cluster = await startCluster({
    stores: stores.stores,
    env: { ...stores.env, ...options.env },
    preload: FAULT_POINTS,
  }).catch(async (error: unknown) => {
    await stores.stop();
    throw error;
  });
  const supervisor = new Supervisor(cluster);
  const { kafka, postgres, redis, schemaRegistry } = stores.stores;
  return {
    profile: 'cluster',
    random,
    say,
    cluster: arenaOf(cluster, stores, supervisor),
    url: cluster.url,
    token: cluster.token,
    env: cluster.settings,
    postgresUrl: postgres.url,
    redisUrl: redis.url,
    kafkaBrokers: kafka.brokers,
    schemaRegistryUrl: schemaRegistry.url,
    ...(stores.indexUrl === undefined ? {} : { indexUrl: stores.indexUrl }),
    dataFolders: [postgres.folder, kafka.folder],
    restarts: () => Object.fromEntries(supervisor.restarts),
    complaints: () => supervisor.complaints,
    outputTails: () => outputTails(cluster, stores, supervisor),
    stop: async () => {
      supervisor.stop();
      // One that was halted hears no SIGTERM.
      for (const service of cluster.services) service.signal('SIGCONT');
      await cluster.stop();
      await stores.stop();
    },
  };
}

function arenaOf(cluster: Cluster, stores: ClusterStores, supervisor: Supervisor): ClusterArena {
  const { embedder, proxies, smallDisks } = stores;
  const { kafka, postgres, redis } = stores.stores;
  const ready = (name: ServiceName) => untilServiceReady(cluster, name);
  return {
    ...cluster,
    restart: (name) => supervisor.start(name),
    embedder,
    proxies,
    ...(smallDisks === undefined ? {} : { smallDisks }),
    sql: (text, values) => sqlOn(postgres.url, text, values),
    hasRoute: (method, path) => routeExists(cluster.url, method, path),
    kafkaAdmin: (work) => withKafkaAdmin(kafka.brokers, work),
    redisCommand: (name, ...args) => redisCommandOn(redis.url, name, args),
    harm: (name, order, onArmed) => harm(() => cluster.service(name), order, onArmed),
    shiftClock: (name, shiftMs) => shiftClockOf(cluster.service(name), shiftMs),
    leaveEnded: (name) => supervisor.leave(name),
    terminate: (name) => {
      supervisor.leave(name);
      return cluster.service(name).stop();
    },
    untilReady: async (name) => {
      await Promise.all((name === undefined ? SERVICES : [name]).map(ready));
    },
    join: (name) => joinService(cluster, name),
  };
}

async function untilServiceReady(cluster: Cluster, name: ServiceName): Promise<void> {
  await until(`${name} to be ready`, READY_TIMEOUT_MS, async () => {
    return !cluster.service(name).ended && (await readyStatus(cluster.opsUrls[name] ?? '')) === 200;
  });
}

async function joinService(
  cluster: Cluster,
  name: ServiceName,
): Promise<{ stop(): Promise<void>; kill(): Promise<void> }> {
  const opsPort = await freePort();
  const env = { ...cluster.settings, SOMA_OPS_PORT: String(opsPort) };
  const joined = new ServiceProcess(name, env, { preload: FAULT_POINTS });
  await untilReady(joined, `http://127.0.0.1:${opsPort}`);
  return {
    stop: async () => {
      const code = await joined.stop();
      if (code !== 0)
        throw new Error(`a second ${name} ended with ${String(code)}:\n${joined.output.slice(-2_000)}`);
    },
    kill: () => joined.kill(),
  };
}

function outputTails(
  cluster: Cluster,
  { stores: { kafka, postgres } }: ClusterStores,
  { lastWords }: Supervisor,
): Record<string, string> {
  const tails: Record<string, string> = { postgres: tailOf(join(postgres.folder, 'postgres.log')) };
  for (const { name, output } of cluster.services) tails[name] = output;
  for (const [index, { name, output }] of lastWords.entries()) tails[`${name}-ended-${index + 1}`] = output;
  for (const index of kafka.brokers.keys()) {
    tails[`kafka-${index + 1}`] = tailOf(join(kafka.folder, `broker-${index + 1}`, 'output.log'));
  }
  return tails;
}

function tailOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-MAX_TAIL);
  } catch {
    return '';
  }
}
