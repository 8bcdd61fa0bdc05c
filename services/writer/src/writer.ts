import type { AuditLog, Tokens } from '@soma/access';
import type { Cache, Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import { runJobs, type Jobs } from '@soma/jobs';
import { ProgressWatch, type Ledger } from '@soma/ledger';
import { DEFAULT_LIMITS, type Limits } from '@soma/memory';
import type { Erasing, MemoryStore, Quotas, Retention, RetentionPolicies } from '@soma/memory-store';
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
import { enforcePolicies } from './retention/enforce-policies.js';
import { tryPolicy } from './retention/try-policy.js';

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
  policies: RetentionPolicies;
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
  /** SOMA_RETENTION_INTERVAL, in milliseconds. */
  retention_every_ms?: number;
  /** SOMA_RETENTION_RATE. */
  retention_rate?: number;
  timing?: Partial<WorkerTiming>;
}

const DEAD_LETTER_DAYS = 30;
const HISTORY_DAYS = 90;
const HISTORY_VERSIONS = 100;
const AUDIT_DAYS = 365;
const RETENTION_EVERY_MS = 3_600_000;
const RETENTION_RATE = 200;
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
  const enforcement = enforcePolicies({
    ...deps,
    watch,
    retention_every_ms: deps.retention_every_ms ?? RETENTION_EVERY_MS,
    retention_rate: deps.retention_rate ?? RETENTION_RATE,
  });
  const sweeps = [expiry, enforcement];
  const jobs = jobRunners(worker.name, { ...deps, watch });
  return {
    name: worker.name,
    start: async () => {
      for (const work of upkeep) void work.start();
      await quotas.start();
      await worker.start();
      await Promise.all(jobs.map((runner) => runner.start()));
      for (const sweep of sweeps) void sweep.start();
    },
    stop: async () => {
      const ended = Promise.all([...sweeps, ...jobs, quotas, ...upkeep].map((work) => work.stop()));
      // Who still waits for the writer hears that it is over.
      watch.close();
      await ended;
      await worker.stop();
    },
    liveness: () => worker.liveness(),
    readiness: () => worker.readiness(),
  };
}

/** Callers wait for what they asked for: it has a runner of its own, which looks more often and no long job is before it. */
function jobRunners(name: string, deps: WriterDeps & { watch: ProgressWatch }): Service[] {
  const ofOperators = {
    erase: eraseMemories(deps),
    'check-erased': checkErased(deps),
    'try-retention': tryPolicy(deps),
  };
  const ofCallers = { delete: deleteMemories(deps) };
  return [
    runJobs({ ...deps, name, handlers: ofOperators }),
    runJobs({ ...deps, name: `${name} requests`, handlers: ofCallers, pollMs: REQUEST_POLL_MS }),
  ];
}
