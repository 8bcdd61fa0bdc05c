import type { AuditLog, Tokens } from '@soma/access';
import { createPostgresAuditLog, createPostgresTokens } from '@soma/access/postgres';
import type { Cache, Limiter, Outcomes } from '@soma/cache';
import { createRedisCache, createRedisLimiter, createRedisOutcomes } from '@soma/cache/redis';
import type { EventLog } from '@soma/event-log';
import { createKafkaLog } from '@soma/event-log/kafka';
import { createCodec, type Codec } from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import { createRegistryIds } from '@soma/events/registry';
import type { Jobs } from '@soma/jobs';
import { createPostgresJobs } from '@soma/jobs/postgres';
import type { Ledger } from '@soma/ledger';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { createPool } from '@soma/postgres';
import { retryUntilDone, type Logger, type Service, type ServiceContext } from '@soma/service';
import type { VectorIndex } from '@soma/vector-index';
import { createEmbeddedVectorIndex } from '@soma/vector-index/embedded';
import { createQdrantIndex } from '@soma/vector-index/qdrant';
import type pg from 'pg';
import { kafkaSecurity } from './kafka-security.js';
import { qdrantOptions } from './qdrant-options.js';
import { measureIndex, measureLimiter, redisCalls } from './bounds.js';
import { measurePool, observers } from './observers.js';
import type { ClusterSettings, IndexSettings, RedisSettings } from './settings.js';

export interface ClusterCore {
  pool: pg.Pool;
  ledger: Ledger;
  jobs: Jobs;
  tokens: Tokens;
  audit: AuditLog;
  log: EventLog;
  codec: Codec;
  /** First of the process's services: stopped last, when nobody uses the connections any more. */
  connections: Service;
}

/** Builds the adapters that every process of a cluster has; nothing connects before it is used. */
export function openCluster(name: string, settings: ClusterSettings, context: ServiceContext): ClusterCore {
  const { logger, registry } = context;
  const pool = openPool(name, settings, context);
  const log = createKafkaLog({
    brokers: settings.SOMA_KAFKA_BROKERS,
    clientId: `soma-${name}`,
    topicPrefix: settings.SOMA_KAFKA_TOPIC_PREFIX,
    groupPrefix: settings.SOMA_KAFKA_GROUP_PREFIX ?? settings.SOMA_KAFKA_TOPIC_PREFIX,
    ...kafkaSecurity(settings),
    partitions: settings.SOMA_PARTITIONS,
    singleBroker: settings.SOMA_KAFKA_SINGLE_BROKER,
    logger,
    observer: observers(registry).appends,
  });
  const url = settings.SOMA_SCHEMA_REGISTRY_URL;
  const codec = createCodec({ ids: url === undefined ? createCommittedIds() : createRegistryIds({ url }) });
  return {
    pool,
    ledger: createPostgresLedger({ pool }),
    jobs: createPostgresJobs({ pool }),
    tokens: createPostgresTokens({ pool }),
    audit: createPostgresAuditLog({ pool }),
    log,
    codec,
    connections: connections(log, pool, logger),
  };
}

/** The connections of a process to Postgres. */
export function openPool(
  name: string,
  settings: Pick<ClusterSettings, 'SOMA_POSTGRES_URL' | 'SOMA_POSTGRES_CONNECTIONS'>,
  { logger, registry }: ServiceContext,
): pg.Pool {
  const onError = (error: Error): void => {
    logger.warn({ reason: error.message }, 'an idle connection to Postgres broke; the pool makes another');
  };
  const pool = createPool(
    {
      url: settings.SOMA_POSTGRES_URL,
      maxConnections: settings.SOMA_POSTGRES_CONNECTIONS,
      applicationName: `soma ${name}`,
    },
    onError,
  );
  measurePool(pool, registry);
  return pool;
}

/** Opens the log in the background, for as long as it takes; the process is alive and unready meanwhile. */
function connections(log: EventLog, pool: pg.Pool, logger: Logger): Service {
  const stopping = new AbortController();
  let opening: Promise<void> = Promise.resolve();
  return {
    ...closing('connections', async () => {
      stopping.abort();
      await opening;
      await log.close();
      await pool.end();
    }),
    start: () => {
      opening = retryUntilDone(() => log.start(), {
        signal: stopping.signal,
        onFailure: (error, attempt) => {
          logger.warn({ err: error, attempt }, 'the event log does not answer; will try again');
        },
      }).catch(() => undefined);
      return Promise.resolve();
    },
  };
}

export interface RedisParts {
  cache: Cache;
  outcomes: Outcomes;
  limiter: Limiter;
  closing: Service;
}

/** Cache, outcomes and limiter on Redis. */
export function openRedis(settings: RedisSettings, { logger, registry }: ServiceContext): RedisParts {
  const { cache: cacheMetrics, outcomes: outcomesMetrics } = observers(registry);
  const config = {
    url: settings.SOMA_REDIS_URL,
    onError: (error: Error) => {
      logger.debug({ err: error }, 'a connection to Redis failed');
    },
  };
  const cache = createRedisCache({ ...config, metrics: cacheMetrics, onCall: redisCalls(registry, 'cache') });
  const outcomes = createRedisOutcomes({
    ...config,
    metrics: outcomesMetrics,
    onCall: redisCalls(registry, 'outcomes'),
  });
  const limiter = measureLimiter(
    createRedisLimiter({ ...config, onCall: redisCalls(registry, 'limiter') }),
    registry,
  );
  return {
    cache,
    outcomes,
    limiter,
    closing: closing('redis', async () => {
      await Promise.all([cache.close(), outcomes.close(), limiter.close()]);
    }),
  };
}

/** Qdrant where one is named; else rows in Postgres, of which each query process scans a copy. */
export function openIndex(
  settings: IndexSettings,
  pool: pg.Pool,
  { logger, registry }: ServiceContext,
): { index: VectorIndex; closing: Service } {
  const options = qdrantOptions(settings);
  const index =
    options === undefined
      ? measureIndex(
          createEmbeddedVectorIndex({ pool, logger, maxPoints: settings.SOMA_INDEX_MAX_POINTS }),
          registry,
        )
      : createQdrantIndex(options);
  return { index, closing: closing('index', () => index.close()) };
}

/** A service that only lets go of something. */
export function closing(name: string, close: () => void | Promise<void>): Service {
  return {
    name,
    start: () => Promise.resolve(),
    stop: async () => {
      await close();
    },
    liveness: () => true,
    readiness: () => Promise.resolve({}),
  };
}
