import type { Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { GraphStore } from '@soma/graph-store';
import { runJobs, type Jobs } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import { DEFAULT_LIMITS, type Limits } from '@soma/memory';
import { verifyJob, withJobs } from '@soma/projections';
import type { Logger, Service } from '@soma/service';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { graphProjection } from './graph-projection.js';
import { handleGraphCommands } from './handle-graph-commands.js';
import { handleMemoryEvents } from './handle-memory-events.js';
import { rebuildGraph } from './rebuild-graph.js';

export interface GraphDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  links: GraphStore;
  jobs: Jobs;
  outcomes: Outcomes;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  limits?: Limits;
  timing?: Partial<WorkerTiming>;
}

/** Consumes graph.commands into links, and memory.events to remove the links of deleted memories. */
export function createGraph(deps: GraphDeps): Service {
  const worker = runWorker({
    ...deps,
    name: 'graph',
    handlers: {
      [TOPICS.graphCommands]: handleGraphCommands({ ...deps, limits: deps.limits ?? DEFAULT_LIMITS }),
      [TOPICS.memoryEvents]: handleMemoryEvents(deps),
    },
    decode: (record) => deps.codec.decode(record),
  });
  const handlers = {
    'verify-graph': verifyJob({
      ledger: deps.ledger,
      projectionOf: (request) => graphProjection(deps, request),
    }),
    'rebuild-graph': rebuildGraph(deps),
  };
  return withJobs(worker, runJobs({ ...deps, name: 'graph', handlers }));
}
