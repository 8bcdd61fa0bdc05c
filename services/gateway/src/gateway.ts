import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Limiter, Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import type { Ledger } from '@soma/ledger';
import { DEFAULT_LIMITS, type Limits } from '@soma/memory';
import type { Reads } from '@soma/reads';
import { closeServer, listen, probe, PROBE_TIMEOUT_MS, type Service } from '@soma/service';
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Admission } from './admission.js';
import { createApp } from './app.js';
import { singleTokenAuthenticator } from './authenticate.js';
import type { GatewaySettings } from './config.js';
import { guardReads } from './guarded-reads.js';
import { createHttpServer } from './http-server.js';
import { KnownInstallation } from './installation.js';
import { createGatewayMetrics, measureState } from './metrics.js';
import { openApiDocument, type OpenApiDocument } from './openapi.js';
import { OutcomeWaiter } from './outcome-waiter.js';
import type { WatchedProgress } from './projections.js';
import { RateLimits } from './rate-limits.js';
import type { Route } from './route.js';
import { batchRoutes } from './routes/batches.js';
import { graphRoutes } from './routes/graph.js';
import { memoryRoutes } from './routes/memories.js';
import { operationRoutes } from './routes/operations.js';
import type { RouteDeps } from './routes/route-deps.js';
import { searchRoutes } from './routes/searches.js';
import { serviceRoutes } from './routes/service.js';
import { readSchemas } from './schemas/reads.js';
import { writeSchemas } from './schemas/writes.js';
import { CommandSubmitter, type CommandEncoder } from './submit.js';

/** Ports only; the composition root chooses the adapters, and closes them after the gateway has stopped. */
export interface GatewayDeps {
  settings: GatewaySettings;
  log: Pick<EventLog, 'append' | 'ping'>;
  codec: CommandEncoder;
  ledger: Pick<Ledger, 'operations' | 'installation' | 'ping'>;
  watch: WatchedProgress;
  outcomes: Pick<Outcomes, 'subscribe'>;
  limiter: Limiter;
  reads: Reads;
  logger: Logger;
  registry: Registry;
  limits?: Limits;
}

export interface Gateway extends Service {
  /** Serves HTTP; `server` is the one that `start` listens with. */
  readonly handler: Express;
  readonly server: Server;
  /** Where the API listens, once started. */
  address(): AddressInfo;
}

/** The REST face: turns requests into commands and reads, and what becomes of them into answers. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { settings, logger, registry } = deps;
  // A new name for each life: news for a former one concerns nobody.
  const name = `gateway-${randomUUID()}`;
  const installation = new KnownInstallation(deps.ledger, logger);
  const waiter = new OutcomeWaiter({ ...deps, name, capacity: settings.SOMA_MAX_WAITING });
  const admission = new Admission({ maxRequests: settings.SOMA_MAX_IN_FLIGHT, maxBodyBytes: settings.SOMA_MAX_BODY_MEMORY });
  const reads = guardReads(deps.reads, settings.SOMA_READ_TIMEOUT_MS);
  const rates = new RateLimits(deps.limiter, settings);
  const metrics = createGatewayMetrics(registry);
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const submitter = new CommandSubmitter({
    ...deps,
    waiter,
    installation,
    rates,
    metrics,
    limits,
    name,
    produceTimeoutMs: settings.SOMA_PRODUCE_TIMEOUT_MS,
  });
  const readiness = () => checkDependencies(deps, installation);
  const routes = routesOf(deps, {
    settings,
    limits,
    reads,
    installation,
    submitter,
    ledger: deps.ledger,
    watch: deps.watch,
    writes: writeSchemas(limits, settings.SOMA_MAX_BATCH_ITEMS),
    readSchemas: readSchemas({ maxItems: settings.SOMA_MAX_BATCH_ITEMS, maxQueryBytes: settings.SOMA_MAX_QUERY_BYTES }),
  }, {
    readiness,
    measure: measureState(registry, { inFlight: () => admission.requests, waiting: () => waiter.size }),
  });
  const authenticator = singleTokenAuthenticator(settings.SOMA_API_TOKEN);
  const handler = createApp({ routes, settings, limits, authenticator, rates, admission, installation, metrics, logger });
  const server = createHttpServer(handler, settings);
  return {
    name: 'gateway',
    optional: OPTIONAL,
    handler,
    server,
    address: () => server.address() as AddressInfo,
    start: async () => {
      installation.start();
      waiter.start();
      await listen(server, {
        host: settings.SOMA_API_HOST,
        port: settings.SOMA_API_PORT,
        hostSetting: 'SOMA_API_HOST',
        portSetting: 'SOMA_API_PORT',
      });
    },
    stop: async () => {
      admission.stop();
      // Who waits for an outcome is answered with what is known, so that requests end soon.
      await waiter.stop();
      await closeServer(server, settings.SOMA_STOP_TIMEOUT * 1000);
      await installation.stop();
      reads.close();
    },
    liveness: () => true,
    readiness,
  };
}

/** Without these the gateway still takes writes and answers reads, more slowly or less well. */
const OPTIONAL = ['query', 'index', 'cache', 'embedder', 'limiter'];

function routesOf(
  { registry }: GatewayDeps,
  routeDeps: RouteDeps,
  service: { readiness: () => Promise<Record<string, boolean>>; measure: () => void },
): Route[] {
  const api = [memoryRoutes, batchRoutes, searchRoutes, graphRoutes, operationRoutes].flatMap((make) => make(routeDeps));
  let document: OpenApiDocument | undefined;
  const routes: Route[] = [
    ...serviceRoutes({
      registry,
      measure: service.measure,
      totals: () => routeDeps.reads.totals(),
      readiness: async () => {
        const dependencies = await service.readiness();
        const ready = Object.entries(dependencies).every(([name, up]) => up || OPTIONAL.includes(name));
        return { ready, dependencies };
      },
      openapi: () => (document ??= openApiDocument(routes)),
    }),
    ...api,
  ];
  return routes;
}

/** Dependency → does it answer. What the reading side says of its own is merged in. */
async function checkDependencies(
  { log, ledger, reads, limiter }: GatewayDeps,
  installation: KnownInstallation,
): Promise<Record<string, boolean>> {
  let behindReads: Record<string, boolean> = {};
  const own = await probe({
    event_log: () => log.ping(PROBE_TIMEOUT_MS),
    store: async () => {
      await ledger.ping();
      return installation.known;
    },
    limiter: () => !limiter.degraded(),
    query: async () => {
      behindReads = await reads.health();
    },
  });
  return { ...behindReads, ...own };
}
