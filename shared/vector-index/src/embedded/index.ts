import type pg from 'pg';
import type { LoadProgress } from './collection-follower.js';
import type { EmbeddedLogger } from './embedded-logger.js';
import { EmbeddedVectorIndex } from './embedded-vector-index.js';
import type { Scanner } from './scanner.js';
import { startWorkerScanner } from './worker-scanner.js';

export { startInProcessScanner } from './in-process-scanner.js';
export type { Scanner } from './scanner.js';
export { startWorkerScanner } from './worker-scanner.js';
export type { EmbeddedLogger, EmbeddedVectorIndex, LoadProgress };

export interface EmbeddedVectorIndexOptions {
  /** Stays the caller's: `close` does not end it. A search takes one connection for a moment. */
  pool: pg.Pool;
  /** Most live points of a collection; upserts past it are refused with index_unavailable. Default 500,000. */
  maxPoints?: number;
  /** Most searches that wait at once; more are refused with overloaded. Default 256. */
  maxPendingSearches?: number;
  /** Most megabytes of heap of the worker thread, where texts of filters and words live. Default 4096. */
  maxHeapMb?: number;
  logger?: EmbeddedLogger;
  /** Called after each page while a copy loads or catches up. */
  onProgress?: (progress: LoadProgress) => void;
  /** What holds and scans the copies. Default: a worker thread. */
  startScanner?: () => Scanner;
}

/** Rows in Postgres, and in each process that searches a copy of them on a worker thread, scanned exactly. */
export function createEmbeddedVectorIndex(options: EmbeddedVectorIndexOptions): EmbeddedVectorIndex {
  const { pool, logger, maxPoints = 500_000, maxPendingSearches = 256, maxHeapMb = 4096 } = options;
  return new EmbeddedVectorIndex({
    pool,
    logger,
    maxPoints,
    onProgress: options.onProgress ?? (() => undefined),
    startScanner:
      options.startScanner ?? (() => startWorkerScanner({ maxPending: maxPendingSearches, maxHeapMb })),
  });
}
