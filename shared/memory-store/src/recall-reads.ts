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
 */
export interface RecallReads {
  /** Speakers whose whole name, or the beginning of it up to a space, is one of these lower-case names. */
  speakers(whose: Whose, names: readonly string[]): Promise<string[]>;
  /** The memories before and after each of these in its thread, up to `span` each way, nearest first. */
  around(whose: Whose, keys: readonly string[], span: number): Promise<ThreadNeighbor[]>;
  facts(whose: Whose, keys: readonly string[], marks: TextMarks): Promise<MemoryFacts[]>;
}

export interface ThreadNeighbor {
  /** Whose neighbour it is. */
  of: string;
  key: string;
  /** -1 is the one before, 2 the second after. */
  distance: number;
}

/** What to look for in texts, so that these need not be read. */
export interface TextMarks {
  /** POSIX regular expression, case ignored; null: not looked for. */
  time_expression: string | null;
  /** Lower case. */
  phrases: readonly string[];
}

export interface MemoryFacts {
  key: string;
  thread_id: string | null;
  speaker: string | null;
  /** Epoch milliseconds. */
  occurred_at: number | null;
  updated_at: number;
  importance: number;
  /** The text ends in a question mark. */
  asks: boolean;
  /** The text has a time expression; false when that was not looked for. */
  tells_time: boolean;
  /** How many of the phrases the text has. */
  phrases: number;
}
