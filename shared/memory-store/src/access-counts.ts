/** Accesses of one memory that were not written down yet. */
export interface AccessCount {
  namespace: string;
  key: string;
  accesses: number;
  /** Of the last one, epoch milliseconds. */
  accessed_at: number;
}

/**
 * How often memories are read or found. Counts are about right: what a process had gathered and not written down is
 * lost with it. What an implementation MUST do:
 *
 * - A memory that was deleted and made again begins at 0.
 * - Of a memory that is not live nothing is written down.
 * - Errors: store_unavailable (retryable).
 */
export interface AccessCounts {
  /** Each memory at most once in a call. */
  add(counts: readonly AccessCount[]): Promise<void>;
}
