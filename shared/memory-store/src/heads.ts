/** What a projection is compared with: which memory, where, how new; nothing of its content. */
export interface MemoryHead extends MemoryId {
  coord: string;
  partition: number;
  revision: number;
  deleted: boolean;
}

export interface MemoryId {
  namespace: string;
  key: string;
}

/** Memories and tombstones over all namespaces, for those who prove projections. */
export interface MemoryHeads {
  /** Those after `after`, in one order that never changes. */
  scan(page: { after: MemoryId | null; limit: number; namespace: string | null }): Promise<MemoryHead[]>;
  /** So many of them, drawn at random. */
  sample(draw: { size: number; namespace: string | null }): Promise<MemoryHead[]>;
  /** In the order of the ids; undefined where there never was a memory. */
  of(ids: readonly MemoryId[]): Promise<(MemoryHead | undefined)[]>;
  count(namespace: string | null): Promise<number>;
}
