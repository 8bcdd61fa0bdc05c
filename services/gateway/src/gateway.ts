import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuditLog, Tokens } from '@soma/access';
import type { Limiter, Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import type { Jobs } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import { DEFAULT_LIMITS, type Limits } from '@soma/memory';
import type { Quotas } from '@soma/memory-store';
import type { Reads } from '@soma/reads';
import { closeServer, listen, type Service } from '@soma/service';
import type { Webhooks } from '@soma/webhook-store';
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Admission } from './admission.js';
import { createApp } from './app.js';
import { Backlog } from './backlog.js';
import { createCallerOperations, createCallerReads } from './access/caller-reads.js';
import { createCallerRequests } from './access/caller-requests.js';
import { createAccess } from './access/create-access.js';
import type { GatewaySettings } from './config.js';
import { checkDependencies, OPTIONAL } from './dependencies.js';
import { guardReads } from './guarded-reads.js';
import { countConnections, createHttpServer } from './http-server.js';
import { createGrpcFace } from './grpc/grpc-face.js';
import { KnownInstallation } from './installation.js';
import { createGatewayMetrics, measureState } from './metrics.js';
import { openApiDocument, type OpenApiDocument } from './openapi.js';
import { OutcomeWaiter } from './outcome-waiter.js';
import type { WatchedProgress } from './projections.js';
import { RateLimits } from './rate-limits.js';
import type { Route } from './route.js';
import { routesBehindTokens } from './routes/behind-tokens.js';
import type { AdminRouteDeps } from './routes/route-deps.js';
import { serviceRoutes } from './routes/service.js';
import { readSchemas } from './schemas/reads.js';
import { writeSchemas } from './schemas/writes.js';
import { Streams } from './streams.js';
import { CommandSubmitter } from './submit.js';

/** Ports only; the composition root chooses the adapters, and closes them after the gateway has stopped. */
export interface GatewayDeps {
  settings: GatewaySettings;
  log: Pick<EventLog, 'append' | 'partitions' | 'ping'>;
  jobs: Jobs;
  tokens: Tokens;
  audit: AuditLog;
  quotas: Quotas;
  policies: AdminRouteDeps['policies'];
  webhooks: Webhooks;
  /** Where the token of SOMA_API_TOKEN came from, if it was a file. */
  tokenFile?: string | undefined;
  codec: AdminRouteDeps['codec'];
  ledger: Pick<Ledger, 'installation' | 'ping' | 'progress' | 'backlog' | 'operations' | 'reserve'> &
    AdminRouteDeps['ledger'];
  watch: WatchedProgress;
  outcomes: Pick<Outcomes, 'subscribe'>;
  limiter: Limiter;
  reads: Reads;
  logger: Logger;
  registry: Registry;
  limits?: Limits;
}

export interface Gateway extends Service {
  /** Serves HTTP, and gRPC by it; `server` is the one that `start` listens with. */
  readonly handler: Express;
  readonly server: Server;
  /** Where the API listens, once started. */
  address(): AddressInfo;
}

/** The REST face: turns requests into commands and reads, and what becomes of them into answers. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { settings } = deps;
  const parts = createParts(deps);
  const handler = createApp({
    ...parts,
    routes: routesOf(deps, parts),
    ...parts.access,
    settings,
    logger: deps.logger,
  });
  const server = createHttpServer(handler, settings, parts.metrics);
  const grpc = createGrpcFace(server, { settings, metrics: parts.metrics, logger: deps.logger });
  measureState(deps.registry, {
    connections: countConnections(server),
    inFlight: () => parts.admission.requests,
    bodyBytes: () => parts.admission.bodyBytes,
    answerBytes: () => parts.admission.answerBytes,
    waiting: () => parts.waiter.size,
    streams: () => parts.streams.size,
    backlog: () => parts.backlog.largest,
  });
  return {
    name: 'gateway',
    optional: OPTIONAL,
    handler,
    server,
    address: () => server.address() as AddressInfo,
    start: async () => {
      parts.access.start();
      parts.installation.start();
      parts.waiter.start();
      parts.backlog.start();
      await listen(server, {
        host: settings.SOMA_API_HOST,
        port: settings.SOMA_API_PORT,
        hostSetting: 'SOMA_API_HOST',
        portSetting: 'SOMA_API_PORT',
      });
    },
    stop: async () => {
      parts.admission.stop();
      parts.streams.stop();
      // Who waits for an outcome is answered with what is known, so that requests end soon.
      await parts.waiter.stop();
      grpc.drain(settings.SOMA_STOP_TIMEOUT * 1000);
      await closeServer(server, settings.SOMA_STOP_TIMEOUT * 1000);
      await parts.backlog.stop();
      await parts.installation.stop();
      await parts.access.stop();
      parts.reads.close();
    },
    liveness: () => true,
    readiness: () => checkDependencies(deps, parts.installation),
  };
}

/** What a gateway is made of beside its routes. */
function createParts(deps: GatewayDeps) {
  const { settings } = deps;
  // A new name for each life: news for a former one concerns nobody.
  const name = `gateway-${randomUUID()}`;
  const limits = deps.limits ?? DEFAULT_LIMITS;
  const installation = new KnownInstallation(deps.ledger, deps.logger);
  const waiter = new OutcomeWaiter({ ...deps, name, capacity: settings.SOMA_MAX_WAITING });
  const rates = new RateLimits(deps.limiter, settings);
  const metrics = createGatewayMetrics(deps.registry);
  const backlog = new Backlog({
    ledger: deps.ledger,
    max: settings.SOMA_MAX_BACKLOG,
    logger: deps.logger,
    onRefused: () => {
      metrics.backlogRefused();
    },
  });
  const produceTimeoutMs = settings.SOMA_PRODUCE_TIMEOUT_MS;
  const maxItems = settings.SOMA_MAX_BATCH_ITEMS;
  return {
    access: createAccess(deps),
    limits,
    installation,
    waiter,
    rates,
    metrics,
    backlog,
    admission: new Admission({
      maxRequests: settings.SOMA_MAX_IN_FLIGHT,
      maxBodyBytes: settings.SOMA_MAX_BODY_MEMORY,
      maxAnswerBytes: settings.SOMA_MAX_ANSWER_MEMORY,
    }),
    streams: new Streams({
      max: settings.SOMA_MAX_STREAMS,
      maxPerToken: settings.SOMA_MAX_STREAMS_PER_TOKEN,
    }),
    reads: guardReads(deps.reads, settings.SOMA_READ_TIMEOUT_MS),
    submitter: new CommandSubmitter({
      ...deps,
      waiter,
      installation,
      rates,
      metrics,
      backlog,
      limits,
      name,
      produceTimeoutMs,
    }),
    writes: writeSchemas(limits, maxItems),
    readSchemas: readSchemas({ maxItems, maxQueryBytes: settings.SOMA_MAX_QUERY_BYTES }),
  };
}

function routesOf(deps: GatewayDeps, parts: ReturnType<typeof createParts>): Route[] {
  const { registry, ledger } = deps;
  const forRoutes: AdminRouteDeps = {
    ...deps,
    ...parts,
    tokenTable: parts.access.tokenTable,
    reads: createCallerReads(parts.reads),
    requests: createCallerRequests(deps.jobs, ledger),
    operations: createCallerOperations(ledger),
  };
  let document: OpenApiDocument | undefined;
  const routes: Route[] = [
    ...routesBehindTokens(forRoutes),
    ...serviceRoutes({
      registry,
      totals: () => parts.reads.totals(),
      readiness: async () => {
        const dependencies = await checkDependencies(deps, parts.installation);
        const ready = Object.entries(dependencies).every(([name, up]) => up || OPTIONAL.includes(name));
        return { ready, dependencies };
      },
      openapi: () => (document ??= openApiDocument(routes)),
    }),
  ];
  return routes;
}
