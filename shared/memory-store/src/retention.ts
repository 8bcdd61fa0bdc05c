/** A stored memory whose time is over. */
export interface ExpiredMemory {
  namespace: string;
  key: string;
  coord: string;
  version: number;
  revision: number;
  expires_at: number;
}

/**
 * Retention: what the store may let go of. What an implementation MUST do:
 *
 * - All times are by the store's clock.
 * - The latest version of a memory stays in the history, and with it every version that was the latest at some time
 *   within the horizon.
 * - A tombstone goes only when no older version is in the history and every projection has passed its revision.
 * - Errors: store_unavailable (retryable).
 */
export interface Retention {
  /** Makes `holder` the only one to do a duty for a while, or says that somebody else is. Repeating extends it. */
  hold(duty: string, holder: string, forMs: number): Promise<boolean>;
  /** By the time they expired, behind `after`; null: from the oldest on. */
  expired(query: { after: ExpiredMemory | null; limit: number }): Promise<ExpiredMemory[]>;
  /**
   * Removes versions replaced longer ago than `days`, and those beyond the newest `versions`, page by page until none
   * is left or the signal comes. Returns how many went.
   */
  pruneHistory(keep: { days: number; versions: number }, signal?: AbortSignal): Promise<number>;
  /** Removes the access counts of what is no longer there, likewise. */
  pruneAccesses(signal?: AbortSignal): Promise<number>;
  /** Removes tombstones older than `days`, likewise. `projections`: the groups that have to be past them. */
  pruneTombstones(
    keep: { days: number; projections: readonly string[] },
    signal?: AbortSignal,
  ): Promise<number>;
}
