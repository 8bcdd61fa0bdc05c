/** What a namespace may hold; null: any number. */
export interface Quota {
  memories: number | null;
  /** Of payloads and texts, UTF-8. */
  bytes: number | null;
}

/** What a namespace holds: memories that are neither deleted nor, once expired, removed. */
export interface Usage {
  memories: number;
  bytes: number;
}

export interface NamespaceQuota extends Quota {
  namespace: string;
  used: Usage;
  /** Null where there is no quota. Epoch milliseconds. */
  changed_at: number | null;
  changed_by: string | null;
}

/**
 * Quotas: what namespaces may hold. What an implementation MUST do:
 *
 * - Count in the transaction that changes a memory, so that what is counted is what is there.
 * - Errors: store_unavailable (retryable).
 */
export interface Quotas {
  /** Undefined, and nothing set, when `most` other namespaces have one. */
  set(quota: Quota & { namespace: string; by: string }, most: number): Promise<NamespaceQuota | undefined>;
  /** Of a namespace without one: what it holds. */
  get(namespace: string): Promise<NamespaceQuota>;
  /** False when there was none. */
  remove(namespace: string): Promise<boolean>;
  /** Namespaces that have one, in their order, after that name. */
  list(page: { after: string | null; limit: number }): Promise<NamespaceQuota[]>;
  /** All of them; what a writer holds its namespaces to. */
  all(): Promise<ReadonlyMap<string, Quota>>;
}
