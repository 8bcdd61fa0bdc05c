import {
  createInProcessCache,
  createInProcessLimiter,
  createInProcessOutcomes,
} from '@soma/cache/in-process';
import { createCacheInvalidator } from '@soma/cache-invalidator';
import {
  closing,
  cutWalks,
  measureIndex,
  measureLimiter,
  measurePool,
  observers,
  openGenerations,
} from '@soma/composition';
import { createPostgresAuditLog, createPostgresTokens } from '@soma/access/postgres';
import { createPostgresLog } from '@soma/event-log/postgres';
import { createCodec } from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import { createGateway } from '@soma/gateway';
import { createGraph } from '@soma/graph';
import { createPostgresGraphStore } from '@soma/graph-store/postgres';
import { createIndexer, keptForMs } from '@soma/indexer';
import { createPostgresJobs } from '@soma/jobs/postgres';
import { ProgressWatch } from '@soma/ledger';
import { createPostgresLedger } from '@soma/ledger/postgres';
import {
  createPostgresAccessCounts,
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresQuotas,
  createPostgresRetention,
  createPostgresRetentionPolicies,
} from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import { createQuery, weightsFrom } from '@soma/query';
import { secretFile, type Service, type ServiceContext } from '@soma/service';
import { createPostgresDeliveries, createPostgresWebhooks } from '@soma/webhook-store/postgres';
import { createWebhooks } from '@soma/webhooks';
import { createEmbeddedVectorIndex } from '@soma/vector-index/embedded';
import { createWriter, keptBy } from '@soma/writer';
import type pg from 'pg';
import type { z } from 'zod';
import type { standaloneSettings } from './config.js';
import { openDataFolder, secretIn, type DataFolder } from './data-folder.js';
import { openEmbeddedStore, type EmbeddedStore } from './embedded-store.js';
import { greeting } from './greeting.js';

type Settings = z.output<typeof standaloneSettings>;

const CONNECTIONS = 30;

/** All services on embedded adapters: Postgres carries the truth and the event log, the rest lives in the process. */
export async function buildStandalone(settings: Settings, context: ServiceContext): Promise<Service[]> {
  const folder = await openDataFolder(settings.SOMA_DATA_DIR);
  const kept = await tokenOf(settings, folder);
  const { token } = kept;
  const store = await openEmbeddedStore(folder, settings.SOMA_POSTGRES_PORT, context.logger, context.crash);
  try {
    const services = await mount({ ...settings, SOMA_API_TOKEN: token }, kept.file, store, context);
    const greeter = greeting({
      host: settings.SOMA_API_HOST,
      port: settings.SOMA_API_PORT,
      token,
      tokenGiven: settings.SOMA_API_TOKEN !== undefined,
      dataFolder: folder.path,
    });
    return [...services, whenStarted(() => process.stdout.write(greeter))];
  } catch (error) {
    await store.stop();
    throw error;
  }
}

/** The token, and the file to read again when it changes. */
async function tokenOf(
  { SOMA_API_TOKEN: token }: Settings,
  folder: DataFolder,
): Promise<{ token: string; file: string | undefined }> {
  if (token !== undefined) return { token, file: secretFile('SOMA_API_TOKEN') };
  const { secret, file } = await secretIn(folder, 'api-token');
  return { token: secret, file };
}

async function mount(
  settings: Settings & { SOMA_API_TOKEN: string },
  tokenFile: string | undefined,
  store: EmbeddedStore,
  context: ServiceContext,
): Promise<Service[]> {
  const { logger } = context;
  const pool = createPool(
    { url: store.url, maxConnections: CONNECTIONS, applicationName: 'soma standalone' },
    (error) => {
      logger.warn({ reason: error.message }, 'an idle connection to Postgres broke; the pool makes another');
    },
  );
  measurePool(pool, context.registry);
  const ledger = createPostgresLedger({ pool });
  const watch = new ProgressWatch({ ledger });
  const { collections, generations, closing: closingEmbedders } = await openChecked(settings, pool, context);
  const adapters = openAdapters(settings, pool, store.url, context);

  const deps = {
    ...context,
    ...adapters,
    ledger,
    ...openStores(pool, context),
    watch,
    codec: createCodec({ ids: createCommittedIds() }),
    collections,
    generations,
    keepMs: keptForMs(settings),
    searchTimeoutMs: settings.SOMA_SEARCH_TIMEOUT,
    accesses: settings.SOMA_ACCESS_COUNTS ? createPostgresAccessCounts({ pool }) : undefined,
    weights: weightsFrom(settings.SOMA_RECALL_WEIGHTS),
    ...keptBy(settings),
    onCrash: context.crash,
  };
  const query = createQuery(deps);
  const gateway = createGateway({ ...deps, settings, tokenFile, reads: query.reads });
  const connections = closing('connections', async () => {
    watch.close();
    await Promise.all(Object.values(adapters).map((adapter) => adapter.close()));
    await pool.end();
    await store.stop();
  });
  return [
    connections,
    closingEmbedders,
    createWriter(deps),
    createIndexer(deps),
    createGraph(deps),
    createCacheInvalidator(deps),
    query,
    createWebhooks({ ...deps, settings, reads: query.reads }),
    gateway,
  ];
}

/** What Postgres carries beside the log. */
function openStores(pool: pg.Pool, { registry }: ServiceContext) {
  return {
    jobs: createPostgresJobs({ pool }),
    tokens: createPostgresTokens({ pool }),
    audit: createPostgresAuditLog({ pool }),
    memories: createPostgresMemoryStore({ pool }),
    erasing: createPostgresErasing({ pool }),
    retention: createPostgresRetention({ pool }),
    policies: createPostgresRetentionPolicies({ pool }),
    quotas: createPostgresQuotas({ pool }),
    webhooks: createPostgresWebhooks({ pool }),
    deliveries: createPostgresDeliveries({ pool }),
    links: createPostgresGraphStore({ pool, observer: cutWalks(registry) }),
  };
}

/** The embedder that the settings name is compared with the index before anything listens. */
async function openChecked(settings: Settings, pool: pg.Pool, context: ServiceContext) {
  const opened = openGenerations(settings, pool, context);
  try {
    await opened.generations.check();
    return opened;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** What the cluster has servers for. */
function openAdapters(settings: Settings, pool: pg.Pool, url: string, { logger, registry }: ServiceContext) {
  const observed = observers(registry);
  const partitions = settings.SOMA_PARTITIONS;
  return {
    log: createPostgresLog({ pool, url, logger, partitions, observer: observed.appends }),
    index: measureIndex(
      createEmbeddedVectorIndex({ pool, logger, maxPoints: settings.SOMA_INDEX_MAX_POINTS }),
      registry,
    ),
    cache: createInProcessCache({ metrics: observed.cache }),
    outcomes: createInProcessOutcomes({ metrics: observed.outcomes }),
    limiter: measureLimiter(createInProcessLimiter(), registry),
  };
}

/** Last of the services: everything before it has started. */
function whenStarted(act: () => void): Service {
  return {
    name: 'greeting',
    start: () => {
      act();
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    liveness: () => true,
    readiness: () => Promise.resolve({}),
  };
}
