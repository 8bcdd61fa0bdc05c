import type { Cache, Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { Ledger } from '@soma/ledger';
import { DEFAULT_LIMITS, type Limits } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { Logger, Service } from '@soma/service';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { handleMemoryCommands } from './handle-memory-commands.js';
import { maintainLedger } from './maintain-ledger.js';

export interface WriterDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  memories: MemoryStore;
  outcomes: Outcomes;
  cache: Cache;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  limits?: Limits;
  timing?: Partial<WorkerTiming>;
}

/** Consumes memory.commands, writes Postgres, announces what changed on memory.events. */
export function createWriter(deps: WriterDeps): Service {
  const worker = runWorker({
    ...deps,
    name: 'writer',
    handlers: {
      [TOPICS.memoryCommands]: handleMemoryCommands({ ...deps, limits: deps.limits ?? DEFAULT_LIMITS }),
    },
    decode: (record) => deps.codec.decode(record),
  });
  const maintenance = maintainLedger(deps);
  return {
    name: worker.name,
    start: async () => {
      maintenance.start();
      await worker.start();
    },
    stop: async () => {
      maintenance.stop();
      await worker.stop();
    },
    liveness: () => worker.liveness(),
    readiness: () => worker.readiness(),
  };
}
