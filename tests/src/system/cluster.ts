import { randomBytes } from 'node:crypto';
import { freePort } from '@soma/testing';
import { untilReady } from './readiness.js';
import { ServiceProcess } from './service-process.js';
import { startStores, type Stores } from './stores.js';
import type { System } from './system.js';

export const SERVICES = [
  'query',
  'writer',
  'indexer',
  'graph',
  'cache-invalidator',
  'webhooks',
  'gateway',
] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Cluster extends System {
  stores: Stores;
  /** What all processes share; a further process of a service needs ports of its own beside it. */
  settings: Readonly<Record<string, string>>;
  service(name: ServiceName): ServiceProcess;
  /** Another process in the place of one that ended, on the same ports. */
  restart(name: ServiceName): void;
}

export interface ClusterOptions {
  /** Stores that run already, stopped by whoever started them. */
  stores?: Stores;
  /** Further settings of all processes. */
  env?: Record<string, string>;
  /** Resolve as soon as the processes run, ready or not. */
  withoutWaiting?: boolean;
  /** See ServiceProcessOptions. */
  preload?: string;
}

/** The cluster profile: real stores and each service as a process on free ports. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const stores = options.stores ?? (await startStores());
  const queryPort = await freePort();
  const settings = { ...settingsFor(stores, queryPort), ...options.env };
  const plans = await Promise.all(SERVICES.map((name) => planOf(name, settings, queryPort)));
  const started = options.preload === undefined ? {} : { preload: options.preload };
  const services = plans.map(({ name, env }) => new ServiceProcess(name, env, started));
  const opsUrls = Object.fromEntries(plans.map(({ name, opsUrl }) => [name, opsUrl]));
  const stop = async () => {
    // The gateway first, so that what it took is still carried out.
    await services.find(({ name }) => name === 'gateway')?.stop();
    await Promise.all(services.map((service) => service.stop()));
    if (options.stores === undefined) await stores.stop();
  };
  if (options.withoutWaiting !== true) {
    const ready = services.map((service) => untilReady(service, opsUrls[service.name] ?? ''));
    await Promise.all(ready).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
  }
  return {
    stores,
    settings,
    services,
    url: plans.find(({ apiUrl }) => apiUrl !== undefined)?.apiUrl ?? '',
    opsUrls,
    token: settings.SOMA_API_TOKEN,
    service: (name) => serviceAt(services, placeOf(name)),
    restart: (name) => {
      const place = placeOf(name);
      services[place] = new ServiceProcess(name, plans[place]?.env ?? {}, started);
    },
    stop,
  };
}

function settingsFor(stores: Stores, queryPort: number) {
  const qdrant = process.env['SOMA_QDRANT_URL'];
  return {
    SOMA_EMBEDDER: 'hash',
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

/** How one process of a service is started. */
interface Plan {
  name: ServiceName;
  env: Record<string, string>;
  opsUrl: string;
  apiUrl?: string;
}

async function planOf(name: ServiceName, settings: Record<string, string>, queryPort: number): Promise<Plan> {
  if (name === 'gateway') return gatewayPlan(settings);
  const opsPort = await freePort();
  const ports = name === 'query' ? { SOMA_QUERY_PORT: String(queryPort) } : {};
  return {
    name,
    env: { ...settings, ...ports, SOMA_OPS_PORT: String(opsPort) },
    opsUrl: `http://127.0.0.1:${opsPort}`,
  };
}

async function gatewayPlan(settings: Record<string, string>): Promise<Required<Plan>> {
  const [opsPort, apiPort] = [await freePort(), await freePort()];
  return {
    name: 'gateway',
    env: { ...settings, SOMA_OPS_PORT: String(opsPort), SOMA_API_PORT: String(apiPort) },
    opsUrl: `http://127.0.0.1:${opsPort}`,
    apiUrl: `http://127.0.0.1:${apiPort}`,
  };
}

/** One more gateway of a cluster, on free ports of its own. */
export async function startGateway(
  settings: Record<string, string>,
): Promise<{ process: ServiceProcess; opsUrl: string; apiUrl: string }> {
  const { env, opsUrl, apiUrl } = await gatewayPlan(settings);
  return { process: new ServiceProcess('gateway', env), opsUrl, apiUrl };
}

function placeOf(name: ServiceName): number {
  return SERVICES.indexOf(name);
}

function serviceAt(services: readonly ServiceProcess[], place: number): ServiceProcess {
  const found = services[place];
  if (found === undefined) throw new RangeError(`no service at ${place}`);
  return found;
}
