import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startQdrantStandIn } from '@soma/testing';
import { startStores, type Stores } from '../../system/index.js';
import type { Need } from '../fault.js';
import { OwnEmbedder } from '../tools/embedder.js';
import { HttpProxy } from '../tools/http-proxy.js';
import { mountSmallDisk, type SmallDisk } from '../tools/small-disk.js';
import { TcpProxy } from '../tools/tcp-proxy.js';
import type { ClusterTools } from './tools.js';

const BROKERS = 3;
const POSTGRES_DISK_MB = 320;
const KAFKA_DISK_MB = 192;

/** The stores of an arena, with proxies before them, and what the processes are told of where they are. */
export interface ClusterStores {
  stores: Stores;
  embedder: OwnEmbedder;
  proxies: ClusterTools['proxies'];
  smallDisks?: { postgres: SmallDisk; kafka: SmallDisk };
  /** Straight, as tests read it. */
  indexUrl?: string;
  /** Settings of the processes. */
  env: Record<string, string>;
  folder: string;
  stop(): Promise<void>;
}

export async function startClusterStores(needs: readonly Need[]): Promise<ClusterStores> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-arena-'));
  // Postgres, which runs as another user, goes through it to the small disk.
  await chmod(folder, 0o755);
  const cleanups: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  const undoing = async <T>(started: Promise<T>, undo: (of: T) => Promise<unknown>): Promise<T> => {
    const of = await started;
    cleanups.push(() => undo(of));
    return of;
  };
  try {
    const smallDisks = needs.includes('small-disk')
      ? await undoing(mountDisks(folder), unmountDisks)
      : undefined;
    const doors = await undoing(openKafkaDoors(), (all) => Promise.all(all.map(({ proxy }) => proxy.stop())));
    const stores = await undoing(startStores(storesOptions(folder, doors, smallDisks)), (all) => all.stop());
    const embedder = await undoing(OwnEmbedder.start(), (own) => own.stop());
    const before = (url: string) =>
      undoing(TcpProxy.start({ target: { port: portOf(url) } }), (proxy) => proxy.stop());
    const index = needs.includes('qdrant') ? await undoing(startIndex(), (own) => own.stop()) : undefined;
    const proxies: ClusterTools['proxies'] = {
      postgres: await before(stores.postgres.url),
      redis: await before(stores.redis.url),
      registry: await before(stores.schemaRegistry.url),
      embedder: await before(`http://127.0.0.1:${embedder.port}`),
      kafka: doors.map(({ proxy }) => proxy),
      ...(index === undefined ? {} : { index: index.proxy }),
    };
    return {
      stores,
      embedder,
      proxies,
      env: envFor(stores, embedder, proxies),
      folder,
      stop,
      ...(smallDisks === undefined ? {} : { smallDisks }),
      ...(index === undefined ? {} : { indexUrl: index.url }),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function envFor(
  stores: Stores,
  embedder: OwnEmbedder,
  proxies: ClusterTools['proxies'],
): Record<string, string> {
  return {
    SOMA_PARTITIONS: '6',
    SOMA_KAFKA_SINGLE_BROKER: '0',
    SOMA_KAFKA_BROKERS: proxies.kafka.map(({ port }) => `127.0.0.1:${port}`).join(','),
    SOMA_POSTGRES_URL: through(stores.postgres.url, proxies.postgres),
    SOMA_REDIS_URL: through(stores.redis.url, proxies.redis),
    SOMA_SCHEMA_REGISTRY_URL: through(stores.schemaRegistry.url, proxies.registry),
    ...embedderEnv(embedder, proxies.embedder),
    ...(proxies.index === undefined ? {} : { SOMA_QDRANT_URL: proxies.index.url }),
  };
}

export function embedderEnv(embedder: OwnEmbedder, proxy: TcpProxy): Record<string, string> {
  return {
    SOMA_EMBEDDER: 'openai',
    SOMA_EMBEDDER_URL: `http://127.0.0.1:${proxy.port}/v1`,
    SOMA_EMBEDDER_MODEL: embedder.model,
    SOMA_EMBEDDER_DIMENSION: String(embedder.dimension),
  };
}

interface KafkaDoor {
  port: number;
  proxy: TcpProxy;
}

/** Before the brokers, because these have to know where to send their clients. */
async function openKafkaDoors(): Promise<KafkaDoor[]> {
  return Promise.all(
    Array.from({ length: BROKERS }, async () => {
      const port = await freePort();
      return { port, proxy: await TcpProxy.start({ target: { port }, protocol: 'kafka' }) };
    }),
  );
}

function storesOptions(folder: string, doors: KafkaDoor[], disks: ClusterStores['smallDisks']) {
  return {
    // No commit may be lost by a kill, as the default of tests would. Power does not fail here.
    postgresSettings: { fsync: 'off', ...(disks === undefined ? {} : SMALL_WAL) },
    ...(disks === undefined ? {} : { postgresFolder: disks.postgres.path }),
    kafka: {
      brokers: BROKERS,
      controllers: BROKERS,
      proxied: doors.map(({ port, proxy }) => ({ port, advertisedPort: proxy.port })),
      settings: KAFKA_SETTINGS,
      ...(disks === undefined ? {} : { dataDir: join(folder, 'kafka') }),
    },
  };
}

const SMALL_WAL = { min_wal_size: '32MB', max_wal_size: '64MB' };

/** A broker that stands still counts as gone after seconds, and what was stored of the groups outlives a broker. */
const KAFKA_SETTINGS = {
  'broker.session.timeout.ms': '6000',
  'replica.lag.time.max.ms': '10000',
  'offsets.topic.num.partitions': '4',
};

async function mountDisks(folder: string): Promise<{ postgres: SmallDisk; kafka: SmallDisk }> {
  return {
    postgres: await mountSmallDisk(join(folder, 'postgres'), POSTGRES_DISK_MB),
    kafka: await mountSmallDisk(join(folder, 'kafka', 'broker-2'), KAFKA_DISK_MB),
  };
}

async function unmountDisks({ postgres, kafka }: { postgres: SmallDisk; kafka: SmallDisk }): Promise<void> {
  await postgres.stop();
  await kafka.stop();
}

/** Qdrant itself where SOMA_QDRANT_URL names one, else its stand-in, behind a proxy. */
async function startIndex(): Promise<{ url: string; proxy: HttpProxy; stop(): Promise<void> }> {
  const given = process.env['SOMA_QDRANT_URL'];
  const standIn = given === undefined ? await startQdrantStandIn() : undefined;
  const url = given ?? standIn?.url ?? '';
  const proxy = await HttpProxy.start(url);
  return {
    url,
    proxy,
    stop: async () => {
      await proxy.stop();
      await standIn?.stop();
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function through(url: string, proxy: TcpProxy): string {
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  return proxied.href;
}
