import type { MemoryFacts } from '@soma/memory-store';
import type { View } from '../view.js';

/** One thing that speaks for a memory, or against it: a number, usually between 0 and 1. 0 when nothing is known. */
export interface Feature {
  name: string;
  /** What is computed once a search, and then the number for each memory, of which nothing but its key may be known. */
  of: (view: View) => (key: string, fact: MemoryFacts | undefined) => number;
}
