import type { MemoryState } from '@soma/memory';

/** Whose eyes a past is seen with: a reader sees a memory that is live, since it was made. */
export interface HistoryReader {
  key: string;
  /** Null: everybody's versions. */
  user_id: string | null;
  /** Also what was before a deletion or an expiry. */
  deleted_too: boolean;
}

export interface HistoryRequest extends HistoryReader {
  /** Only older versions; null from the newest on. */
  before: number | null;
  limit: number;
}

export interface HistoryAnswer {
  versions: MemoryVersion[];
  /** `before` of the next page; null when nothing follows. */
  next: number | null;
}

export interface MemoryVersion {
  state: MemoryState;
  /** The command that made it, and who sent that. */
  operation_id: string;
  issuer: string;
}

export interface PastRequest extends HistoryReader {
  /** A version, or what was the latest at a time: epoch milliseconds; the future is now. */
  moment: { version: number } | { as_of: number };
}
