import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { Embedder } from '@soma/embedder';
import { runJobs, type Jobs } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import type { MemoryStore } from '@soma/memory-store';
import { verifyJob, withJobs } from '@soma/projections';
import { periodic, probe, retryUntilDone, type Logger, type Periodic, type Service } from '@soma/service';
import type { Collections, VectorIndex } from '@soma/vector-index';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { handleMemoryEvents } from './handle-memory-events.js';
import { indexProjection } from './index-projection.js';
import { rebuildIndex, tidyCollections } from './rebuild-index.js';

export interface IndexerDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  memories: MemoryStore;
  jobs: Jobs;
  index: VectorIndex;
  collections: Collections;
  /** What the model's first collection is called; later ones are named after it. */
  collection: string;
  embedder: Embedder;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  timing?: Partial<WorkerTiming>;
  /** See RebuildIndexDeps. */
  retireMs?: number;
}

/** Deletions stay in the index longer than any late upsert can come. */
const KEEP_DELETIONS_MS = 8 * 86_400_000;
const HOUSEKEEPING_INTERVAL_MS = 3_600_000;

/** Consumes memory.events, embeds the texts, and keeps the vector index at the newest revision of each memory. */
export function createIndexer(deps: IndexerDeps): Service {
  const { index, embedder, collections, logger } = deps;
  const stopping = new AbortController();
  const worker = workerWithJobs(deps);
  const housekeeping = keepHouse(deps);
  let opening: Promise<void> = Promise.resolve();

  const open = async (): Promise<void> => {
    await embedder.start();
    const { active: name } = await collections.read();
    await index.ensureCollection({ name, model: embedder.model, dimension: embedder.dimension });
    await worker.start();
    void housekeeping.start();
  };
  return {
    name: 'indexer',
    start: () => {
      opening = retryUntilDone(open, {
        signal: stopping.signal,
        onFailure: (error, attempt) => {
          logger.warn({ err: error, attempt }, 'the index or the embedder does not answer; will try again');
        },
      }).catch((error: unknown) => {
        if (!stopping.signal.aborted) deps.onCrash(error as Error);
      });
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await opening;
      await housekeeping.stop();
      await worker.stop();
    },
    liveness: () => worker.liveness(),
    readiness: async () => ({
      ...(await worker.readiness()),
      ...(await probe({ index: () => index.ping() })),
    }),
  };
}

function workerWithJobs(deps: IndexerDeps): Service {
  const worker = runWorker({
    ...deps,
    name: 'indexer',
    handlers: { [TOPICS.memoryEvents]: handleMemoryEvents(deps) },
    decode: (record) => deps.codec.decode(record),
  });
  const verify = verifyJob({
    ledger: deps.ledger,
    projectionOf: async (request, signal) =>
      indexProjection((await deps.collections.read()).active, request, signal, deps),
  });
  const handlers = { 'verify-index': verify, 'rebuild-index': rebuildIndex(deps) };
  return withJobs(worker, runJobs({ ...deps, name: 'indexer', handlers }));
}

/** Lets go of collections that nobody uses and of deletions whose time is over. */
function keepHouse(deps: IndexerDeps): Periodic {
  const { index, collections, logger } = deps;
  return periodic({
    everyMs: HOUSEKEEPING_INTERVAL_MS,
    work: async () => {
      await tidyCollections(deps);
      const { active } = await collections.read();
      await index.prune(active, Date.now() - KEEP_DELETIONS_MS);
    },
    onFailure: (error) => {
      logger.warn({ err: error }, 'the index was not tidied; will try again in an hour');
    },
  });
}
