import type { Cache, Limiter } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { Ledger } from '@soma/ledger';
import type { Logger, Service } from '@soma/service';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { handleMemoryEvents } from './handle-memory-events.js';

export interface CacheInvalidatorDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  cache: Cache;
  limiter: Limiter;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  timing?: Partial<WorkerTiming>;
}

/** Consumes memory.events and keeps the cache at the newest revision of each memory. */
export function createCacheInvalidator(deps: CacheInvalidatorDeps): Service {
  return runWorker({
    ...deps,
    name: 'cache-invalidator',
    handlers: { [TOPICS.memoryEvents]: handleMemoryEvents(deps) },
    decode: (record) => deps.codec.decode(record),
  });
}
