import type { Memory, MemoryState } from '@soma/memory';

/**
 * What memories were. What an implementation MUST do:
 *
 * - A reader sees the versions of a memory that is live, from the one that made it: what came before a deletion or an
 *   expiry is gone with it. Only who sees `deleted_too` is shown all that is kept.
 * - Who reads for one user sees only versions that are that user's.
 */
export interface HistoryReads {
  /** Newest first, deletions among them; empty when there is nothing for this reader. */
  versions(query: VersionsQuery): Promise<MemoryVersion[]>;
  /** What a memory was at a version or a time. One deleted or expired by then is not there. */
  past(query: PastQuery): Promise<PastMemory>;
}

export interface HistoryReader {
  namespace: string;
  key: string;
  /** Null: everybody's versions. */
  user_id: string | null;
  deleted_too: boolean;
}

export interface VersionsQuery extends HistoryReader {
  /** Only older versions; null from the newest on. */
  before: number | null;
  limit: number;
}

export interface MemoryVersion {
  state: MemoryState;
  /** The command that made it, and who sent that. */
  operation_id: string;
  issuer: string;
}

/** A version, or what was the latest at a time: epoch milliseconds; the future is now. */
export type Moment = { version: number } | { as_of: number };

export interface PastQuery extends HistoryReader {
  moment: Moment;
}

/** `never`: there was none for this reader. `expired`: that part of the history is no longer kept. */
export type PastMemory = { memory: Memory } | { missing: 'never' | 'expired' };
