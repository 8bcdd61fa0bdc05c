import type { RecallFacts } from '@soma/memory';

/** Whose memories are looked at: those of one namespace, and in it of one user, or (null) of everybody. */
export interface Whose {
  namespace: string;
  user_id: string | null;
}

/**
 * What ranking asks about a search's candidates. What an implementation MUST do:
 *
 * - Answer as if there were no others than the live memories of the namespace and user, and never read more than the
 *   keys named and their neighbours: what a search costs does not grow with what is stored.
 * - End when the signal is aborted, as the reads of MemoryStore.
 */
export interface RecallReads {
  /** Speakers whose whole name, or the beginning of it up to a space, is one of these lower-case names. */
  speakers(whose: Whose, names: readonly string[], signal?: AbortSignal): Promise<string[]>;
  /** The memories before and after each of these in its thread, up to `span` each way, in any order, with their facts. */
  around(
    whose: Whose,
    keys: readonly string[],
    span: number,
    marks: RecallMarks,
    signal?: AbortSignal,
  ): Promise<ThreadNeighbor[]>;
  facts(
    whose: Whose,
    keys: readonly string[],
    marks: RecallMarks,
    signal?: AbortSignal,
  ): Promise<MemoryFacts[]>;
}

export interface ThreadNeighbor extends MemoryFacts {
  /** Whose neighbour it is. */
  of: string;
  /** -1 is the one before, 2 the second after. */
  distance: number;
}

/** What to look for, so that texts need not be read, nor what nobody asks for. */
export interface RecallMarks {
  /** Whether it matters when a memory occurred or changed. */
  times: boolean;
  /** Whether it matters that a text says some time. */
  tells_time: boolean;
  /** Lower case. */
  phrases: readonly string[];
  /** How often each was accessed. */
  accesses: boolean;
}

export const NO_MARKS: RecallMarks = { times: false, tells_time: false, phrases: [], accesses: false };

/** Times are null, and `tells_time` is false, when they do not matter. */
export interface MemoryFacts extends RecallFacts {
  key: string;
  /** How many of the phrases the text has. */
  phrases: number;
  /** About how often it was read or found; 0 when that was not looked for. */
  accesses: number;
}
