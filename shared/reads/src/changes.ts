import type { Filter, MemoryState } from '@soma/memory';

/** How far a follower of a namespace is: by partition the revision of the last change seen, and when that was. */
export interface ChangesPlace {
  revisions: Record<number, number>;
  /** Epoch milliseconds. */
  at: number;
}

export interface ChangesRequest {
  /** `next` of an earlier answer, or where to begin: at a time (epoch milliseconds), or now. */
  from: ChangesPlace | { since: number } | 'now';
  /** What a stored memory has to pass; of a deletion, what was deleted. */
  filter: Filter;
  limit: number;
}

export interface ChangesAnswer {
  changes: Change[];
  next: ChangesPlace;
  /** There was nothing more when it was read. */
  isLast: boolean;
}

export interface Change {
  state: MemoryState;
  operation_id: string;
  /** With the revision it names the change: revisions of different partitions may be equal. */
  partition: number;
  /** Epoch milliseconds. */
  at: number;
  /** Where to go on behind it. */
  place: ChangesPlace;
}
