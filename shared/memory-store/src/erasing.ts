import type { Filter } from '@soma/memory';

/** Which memories of a namespace an erasure means. */
export type ErasureSelection = { keys: readonly string[] } | { filter: Filter } | { live: Filter } | 'all';

export interface ErasureQuery {
  namespace: string;
  selection: ErasureSelection;
  /** Only keys behind this one; null from the first on. */
  after: string | null;
  /** Only keys up to this one; null to the last. */
  until: string | null;
  limit: number;
}

/** Something is left of it: the memory, or its traces. */
export interface ErasureTarget {
  key: string;
  coord: string;
  /** Of the memory as it is stored, a tombstone too; null when there is none. */
  version: number | null;
  revision: number | null;
}

/** Rows that still hold content of some memories, by where. */
export interface Remains {
  /** Stored memories, expired ones among them. */
  memories: number;
  history: number;
  dead_letters: number;
  /** That lead from or to one of them. */
  links: number;
  /** Of the embedded index; 0 where another one is used. */
  index_points: number;
}

/**
 * Erasing: what is left of memories in the store. The content itself is removed by the commands of an erasure.
 * Errors: store_unavailable (retryable).
 */
export interface Erasing {
  /**
   * In the order of their keys. `filter`: stored memories that pass, expired ones too; `live`: those that readers see.
   * Otherwise whatever is left: memories, history, links, dead letters.
   */
  targets(query: ErasureQuery): Promise<ErasureTarget[]>;
  /** How many targets there are, counted up to `upTo`, and the last of these. */
  count(
    query: Pick<ErasureQuery, 'namespace' | 'selection'>,
    upTo: number,
  ): Promise<{ count: number; last: string | null }>;
  /**
   * Erases the dead letters of a namespace that were recorded until then, also those of which nobody can tell the
   * memory. MUST be repeatable under the same id.
   */
  eraseLetters(erasure: { namespace: string; until: number; id: string }): Promise<void>;
  /** Dead letters that commands, or an erasure of letters, with these ids have erased. */
  lettersErasedBy(ids: readonly string[]): Promise<number>;
  /** Null keys: the whole namespace. */
  remains(namespace: string, keys: readonly string[] | null): Promise<Remains>;
}
