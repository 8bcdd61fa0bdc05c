import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { IndexGenerations } from '@soma/index-generations';
import type { Jobs } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import { isSomaError } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import { periodic, probe, retryUntilDone, type Logger, type Periodic, type Service } from '@soma/service';
import type { Collections, VectorIndex } from '@soma/vector-index';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { ensure } from './ensure.js';
import { followKept } from './follow-kept.js';
import { handleMemoryEvents } from './handle-memory-events.js';
import { indexerJobs } from './indexer-jobs.js';
import { tidyGenerations } from './tidy-generations.js';

export interface IndexerDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  memories: MemoryStore;
  jobs: Jobs;
  index: VectorIndex;
  collections: Collections;
  generations: IndexGenerations;
  /** How long a former generation is kept for a rollback, milliseconds; null: until the reindex is finished. */
  keepMs: number | null;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  timing?: Partial<WorkerTiming>;
  /** How long a former generation is still written for searches that name it, milliseconds. */
  retireMs?: number;
  /** Between looks at the generations, milliseconds. */
  tendMs?: number;
}

/** Deletions stay in the index longer than any late upsert can come. */
const KEEP_DELETIONS_MS = 8 * 86_400_000;
const PRUNE_INTERVAL_MS = 3_600_000;
const TEND_MS = 1_000;

/** Consumes memory.events, embeds the texts, and keeps the vector index at the newest revision of each memory. */
export function createIndexer(deps: IndexerDeps): Service {
  const { index, logger } = deps;
  const stopping = new AbortController();
  const worker = runWorker({
    ...deps,
    name: 'indexer',
    handlers: { [TOPICS.memoryEvents]: handleMemoryEvents(deps) },
    decode: (record) => deps.codec.decode(record),
  });
  const jobs = indexerJobs(deps);
  const tending = tend(deps);
  const housekeeping = pruning(deps);
  let opening: Promise<void> = Promise.resolve();

  const open = async (): Promise<void> => {
    await patiently(() => deps.generations.begin());
    // Before the embedder answers: what helps against one that does not is a job too.
    for (const runner of jobs) await runner.start();
    for (const work of tending) void work.start();
    await patiently(async () => {
      const [active] = (await deps.generations.written()).whole;
      await active.embedder.start();
      await ensure(active, index);
    });
    await worker.start();
    void housekeeping.start();
  };
  const patiently = (work: () => Promise<void>): Promise<void> =>
    retryUntilDone(work, {
      signal: stopping.signal,
      onFailure: (error, attempt) => {
        if (isSomaError(error) && error.code === 'invalid_configuration') throw error;
        logger.warn({ err: error, attempt }, 'the index or the embedder does not answer; will try again');
      },
    });
  return {
    name: 'indexer',
    start: () => {
      opening = open().catch((error: unknown) => {
        if (!stopping.signal.aborted) deps.onCrash(error as Error);
      });
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await opening;
      await Promise.all([...tending, housekeeping, ...jobs].map((part) => part.stop()));
      await worker.stop();
    },
    liveness: () => worker.liveness(),
    readiness: async () => ({
      ...(await worker.readiness()),
      ...(await probe({ index: () => index.ping() })),
    }),
  };
}

/** What goes on beside the batches, whether or not the embedder answers. */
function tend(deps: IndexerDeps): Periodic[] {
  const { logger, tendMs = TEND_MS } = deps;
  const follow = followKept(deps);
  let isBehind = false;
  const tidying = periodic({
    everyMs: tendMs,
    work: () => tidyGenerations(deps),
    onFailure: (error) => {
      logger.warn({ err: error }, 'the collections of the index were not tidied; will try again');
    },
  });
  const following = periodic({
    everyMs: tendMs,
    work: async (signal) => {
      await follow(signal);
      isBehind = false;
    },
    onFailure: (error) => {
      // Its embedder may be out for days, and nobody waits for it.
      const message = 'the index generation that is kept for a rollback falls behind; will try again';
      logger[isBehind ? 'debug' : 'warn']({ err: error }, message);
      isBehind = true;
    },
  });
  return [tidying, following];
}

/** Lets go of deletions whose time is over. */
function pruning({ index, generations, logger }: IndexerDeps): Periodic {
  return periodic({
    everyMs: PRUNE_INTERVAL_MS,
    work: async () => {
      for (const { collection, state } of await generations.read())
        if (state === 'active' || state === 'kept')
          await index.prune(collection, Date.now() - KEEP_DELETIONS_MS);
    },
    onFailure: (error) => {
      logger.warn({ err: error }, 'old deletions were not taken out of the index; will try again in an hour');
    },
  });
}
