import type { AuditLog, Tokens } from '@soma/access';
import type { Cache, Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import { runJobs, type Jobs } from '@soma/jobs';
import { ProgressWatch, type Ledger } from '@soma/ledger';
import { DEFAULT_LIMITS, type Limits } from '@soma/memory';
import type { Erasing, MemoryStore, Quotas, Retention } from '@soma/memory-store';
import type { Logger, Service } from '@soma/service';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { deleteMemories } from './bulk/delete-memories.js';
import { checkErased } from './erasing/check-erased.js';
import { eraseMemories } from './erasing/erase-memories.js';
import { expireMemories } from './expire-memories.js';
import { handleMemoryCommands } from './handle-memory-commands.js';
import { keepHouse } from './keep-house.js';
import { KnownQuotas } from './known-quotas.js';
import { maintainLedger } from './maintain-ledger.js';
import { measureDeadLetters } from './measure-dead-letters.js';

export interface WriterDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  memories: MemoryStore;
  erasing: Erasing;
  retention: Retention;
  quotas: Pick<Quotas, 'all'>;
  tokens: Pick<Tokens, 'removeEnded'>;
  audit: Pick<AuditLog, 'removeBefore'>;
  jobs: Jobs;
  outcomes: Outcomes;
  cache: Cache;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  limits?: Limits;
  /** SOMA_DEAD_LETTER_DAYS. */
  dead_letter_days?: number;
  /** SOMA_HISTORY_DAYS. */
  history_days?: number;
  /** SOMA_HISTORY_VERSIONS. */
  history_versions?: number;
  /** SOMA_AUDIT_DAYS. */
  audit_days?: number;
  timing?: Partial<WorkerTiming>;
}

const DEAD_LETTER_DAYS = 30;
const HISTORY_DAYS = 90;
const HISTORY_VERSIONS = 100;
const AUDIT_DAYS = 365;
/** Between looks for a caller's request, milliseconds. */
const REQUEST_POLL_MS = 200;

/**
 * Consumes memory.commands, writes Postgres, announces what changed on memory.events. Beside that it sends commands
 * of its own: for what is to be erased and what has expired.
 */
export function createWriter(deps: WriterDeps): Service {
  const quotas = new KnownQuotas(deps);
  const worker = runWorker({
    ...deps,
    name: 'writer',
    handlers: {
      [TOPICS.memoryCommands]: handleMemoryCommands({
        ...deps,
        quotas,
        limits: deps.limits ?? DEFAULT_LIMITS,
      }),
    },
    decode: (record) => deps.codec.decode(record),
  });
  const watch = new ProgressWatch(deps);
  const upkeep = [
    maintainLedger({ ...deps, dead_letter_days: deps.dead_letter_days ?? DEAD_LETTER_DAYS }),
    measureDeadLetters(deps),
    keepHouse({
      ...deps,
      history_days: deps.history_days ?? HISTORY_DAYS,
      history_versions: deps.history_versions ?? HISTORY_VERSIONS,
      audit_days: deps.audit_days ?? AUDIT_DAYS,
    }),
  ];
  const expiry = expireMemories({ ...deps, watch });
  const handlers = { erase: eraseMemories({ ...deps, watch }), 'check-erased': checkErased(deps) };
  const jobs = runJobs({ ...deps, name: worker.name, handlers });
  // Callers wait for these: they have a runner of their own, which looks more often and no long job is before them.
  const requests = runJobs({
    ...deps,
    name: `${worker.name} requests`,
    handlers: { delete: deleteMemories({ ...deps, watch }) },
    pollMs: REQUEST_POLL_MS,
  });
  return {
    name: worker.name,
    start: async () => {
      for (const work of upkeep) void work.start();
      await quotas.start();
      await worker.start();
      await Promise.all([jobs.start(), requests.start()]);
      void expiry.start();
    },
    stop: async () => {
      const ended = Promise.all([expiry, jobs, requests, quotas, ...upkeep].map((work) => work.stop()));
      // Who still waits for the writer hears that it is over.
      watch.close();
      await ended;
      await worker.stop();
    },
    liveness: () => worker.liveness(),
    readiness: () => worker.readiness(),
  };
}
