import type { Cache, Limiter } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import { runJobs, type Jobs } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import type { MemoryStore } from '@soma/memory-store';
import { verifyJob, withJobs } from '@soma/projections';
import type { Logger, Service } from '@soma/service';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { cacheProjection } from './cache-projection.js';
import { handleMemoryEvents } from './handle-memory-events.js';
import { rebuildCache } from './rebuild-cache.js';

export interface CacheInvalidatorDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  cache: Cache;
  limiter: Limiter;
  memories: MemoryStore;
  jobs: Jobs;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  timing?: Partial<WorkerTiming>;
}

/** Consumes memory.events and keeps the cache at the newest revision of each memory. */
export function createCacheInvalidator(deps: CacheInvalidatorDeps): Service {
  const worker = runWorker({
    ...deps,
    name: 'cache-invalidator',
    handlers: { [TOPICS.memoryEvents]: handleMemoryEvents(deps) },
    decode: (record) => deps.codec.decode(record),
  });
  const handlers = {
    'verify-cache': verifyJob({
      ledger: deps.ledger,
      projectionOf: (request) => cacheProjection(deps, request),
    }),
    'rebuild-cache': rebuildCache(deps),
  };
  return withJobs(worker, runJobs({ ...deps, name: 'cache-invalidator', handlers }));
}
