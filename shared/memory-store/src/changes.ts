import type { MemoryState } from '@soma/memory';

/**
 * The changes of memories, as they are followed. What an implementation MUST do:
 *
 * - Give what changed behind a place, those of one memory in the order of their revisions, each once and none left out:
 *   whatever is committed later is behind `next`.
 * - A version that was replaced may be missing when more of that memory are kept than the history holds; the latest of
 *   each memory is never missing. A place older than the history reaches is refused with cursor_expired.
 */
export interface ChangeReads {
  /** At most `limit`, and `isLast` when there was nothing more. */
  page(query: ChangesQuery): Promise<ChangesPage>;
  /** The place where a time begins (epoch milliseconds); null: now. */
  placeAt(namespace: string, since: number | null): Promise<ChangesPlace>;
}

/** How far a reader is. */
export interface ChangesPlace {
  /** By partition: the revision of the last change seen. What is not named begins at the beginning. */
  revisions: Record<number, number>;
  /** Epoch milliseconds by the store's clock: everything before it was seen. */
  at: number;
}

export interface ChangesQuery {
  namespace: string;
  after: ChangesPlace;
  limit: number;
}

export interface Change {
  state: MemoryState;
  /** Of a deletion, what was deleted; null of all else, and when it is no longer kept. */
  before: MemoryState | null;
  operation_id: string;
  partition: number;
  /** Epoch milliseconds. */
  at: number;
}

export interface ChangesPage {
  changes: Change[];
  next: ChangesPlace;
  isLast: boolean;
}
