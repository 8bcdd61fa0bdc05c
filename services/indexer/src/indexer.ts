import type { EventLog } from '@soma/event-log';
import { TOPICS, type Codec } from '@soma/events';
import type { Embedder } from '@soma/embedder';
import type { Ledger } from '@soma/ledger';
import type { MemoryStore } from '@soma/memory-store';
import { type Logger, probe, retryUntilDone, type Service } from '@soma/service';
import type { VectorIndex } from '@soma/vector-index';
import { runWorker, type WorkerTiming } from '@soma/worker';
import type { Registry } from 'prom-client';
import { handleMemoryEvents } from './handle-memory-events.js';

export interface IndexerDeps {
  log: EventLog;
  ledger: Ledger;
  codec: Codec;
  memories: MemoryStore;
  index: VectorIndex;
  collection: string;
  embedder: Embedder;
  logger: Logger;
  registry: Registry;
  onCrash: (error: Error) => void;
  timing?: Partial<WorkerTiming>;
}

/** Deletions stay in the index longer than any late upsert can come. */
const KEEP_DELETIONS_MS = 8 * 86_400_000;
const PRUNE_INTERVAL_MS = 3_600_000;

/** Consumes memory.events, embeds the texts, and keeps the vector index at the newest revision of each memory. */
export function createIndexer(deps: IndexerDeps): Service {
  const { index, collection, embedder, logger } = deps;
  const stopping = new AbortController();
  const worker = runWorker({
    ...deps,
    name: 'indexer',
    handlers: { [TOPICS.memoryEvents]: handleMemoryEvents(deps) },
    decode: (record) => deps.codec.decode(record),
  });
  let prunes: NodeJS.Timeout | undefined;
  let opening: Promise<void> = Promise.resolve();

  const open = async (): Promise<void> => {
    await embedder.start();
    await index.ensureCollection({ name: collection, model: embedder.model, dimension: embedder.dimension });
    await worker.start();
  };
  const prune = (): void => {
    index.prune(collection, Date.now() - KEEP_DELETIONS_MS).catch((error: unknown) => {
      logger.warn({ err: error }, 'old deletions were not pruned; will try again in an hour');
    });
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
      prunes = setInterval(prune, PRUNE_INTERVAL_MS);
      prunes.unref();
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      clearInterval(prunes);
      await opening;
      await worker.stop();
    },
    liveness: () => worker.liveness(),
    readiness: async () => ({
      ...(await worker.readiness()),
      ...(await probe({ index: () => index.ping() })),
    }),
  };
}
