import { randomBytes } from 'node:crypto';
import { freePort } from '@soma/testing';
import { untilReady } from './readiness.js';
import { ServiceProcess } from './service-process.js';
import { startStores, type Stores } from './stores.js';
import type { System } from './system.js';

export const SERVICES = ['query', 'writer', 'indexer', 'graph', 'cache-invalidator', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Cluster extends System {
  stores: Stores;
  /** What all processes share; a further process of a service needs ports of its own beside it. */
  settings: Readonly<Record<string, string>>;
  service(name: ServiceName): ServiceProcess;
}

export interface ClusterOptions {
  /** Stores that run already, stopped by whoever started them. */
  stores?: Stores;
  /** Further settings of all processes. */
  env?: Record<string, string>;
  /** Resolve as soon as the processes run, ready or not. */
  withoutWaiting?: boolean;
}

/** The cluster profile: real stores and the six services as six processes on free ports. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const stores = options.stores ?? (await startStores());
  const queryPort = await freePort();
  const settings = { ...settingsFor(stores, queryPort), ...options.env };
  const started = await Promise.all(SERVICES.map((name) => startService(name, settings, queryPort)));
  const [url = ''] = started.flatMap(({ apiUrl }) => apiUrl ?? []);
  const services = started.map(({ process }) => process);
  const stop = async () => {
    // The gateway first, so that what it took is still carried out.
    await services.find(({ name }) => name === 'gateway')?.stop();
    await Promise.all(services.map((service) => service.stop()));
    if (options.stores === undefined) await stores.stop();
  };
  if (options.withoutWaiting !== true) {
    await Promise.all(started.map(({ process, opsUrl }) => untilReady(process, opsUrl))).catch(
      async (error: unknown) => {
        await stop();
        throw error;
      },
    );
  }
  return {
    stores,
    settings,
    services,
    url,
    opsUrls: Object.fromEntries(started.map(({ process, opsUrl }) => [process.name, opsUrl])),
    token: settings.SOMA_API_TOKEN,
    service: (name) => processNamed(services, name),
    stop,
  };
}

function settingsFor(stores: Stores, queryPort: number) {
  const qdrant = process.env['SOMA_QDRANT_URL'];
  return {
    SOMA_KAFKA_BROKERS: stores.kafka.brokers.join(','),
    SOMA_KAFKA_SINGLE_BROKER: '1',
    SOMA_POSTGRES_URL: stores.postgres.url,
    SOMA_REDIS_URL: stores.redis.url,
    SOMA_SCHEMA_REGISTRY_URL: stores.schemaRegistry.url,
    SOMA_QUERY_URL: `http://127.0.0.1:${queryPort}`,
    SOMA_INTERNAL_TOKEN: randomBytes(24).toString('hex'),
    SOMA_API_TOKEN: randomBytes(24).toString('hex'),
    // Absent: the embedded index, whose rows are in Postgres.
    ...(qdrant === undefined ? {} : { SOMA_QDRANT_URL: qdrant }),
  };
}

interface StartedService {
  process: ServiceProcess;
  opsUrl: string;
  apiUrl?: string;
}

async function startService(
  name: ServiceName,
  settings: Record<string, string>,
  queryPort: number,
): Promise<StartedService> {
  if (name === 'gateway') return startGateway(settings);
  const opsPort = await freePort();
  const process = new ServiceProcess(name, {
    ...settings,
    SOMA_OPS_PORT: String(opsPort),
    ...(name === 'query' ? { SOMA_QUERY_PORT: String(queryPort) } : {}),
  });
  return { process, opsUrl: `http://127.0.0.1:${opsPort}` };
}

/** A gateway, maybe one more, on free ports. */
export async function startGateway(
  settings: Record<string, string>,
): Promise<Required<StartedService>> {
  const [opsPort, apiPort] = [await freePort(), await freePort()];
  return {
    process: new ServiceProcess('gateway', {
      ...settings,
      SOMA_OPS_PORT: String(opsPort),
      SOMA_API_PORT: String(apiPort),
    }),
    opsUrl: `http://127.0.0.1:${opsPort}`,
    apiUrl: `http://127.0.0.1:${apiPort}`,
  };
}

function processNamed(services: readonly ServiceProcess[], name: ServiceName): ServiceProcess {
  const found = services.find((service) => service.name === name);
  if (found === undefined) throw new RangeError(`no service ${name}`);
  return found;
}
