import type { JsonValue } from '@soma/memory';
import type { Difference } from './difference.js';

/** A page of what is to be compared. */
export interface Compared<D extends Difference> {
  /** Memories, or links, that were compared. */
  checked: number;
  /** All that was looked at, for the progress of the job. */
  looked: number;
  /** What may differ, at first sight. */
  suspects: D[];
  /** Where the next page begins; null after the last. */
  next: JsonValue;
}

/** Something made from the memories, that can be compared with them. */
export interface Projection<D extends Difference> {
  /** The page at a cursor of its own making; null is the first. */
  page(at: JsonValue): Promise<Compared<D>>;
  /**
   * Those that still differ, as they do now. MUST read the projection before the memories: then what it holds is
   * never newer than they are, and what it lacks was there before.
   */
  look(suspects: readonly D[]): Promise<D[]>;
  /** Writes the right state, or takes out what is wrong; never over anything newer. */
  mend(differences: readonly D[]): Promise<void>;
  /** How much there is to look at, about. */
  size(): Promise<number>;
}
