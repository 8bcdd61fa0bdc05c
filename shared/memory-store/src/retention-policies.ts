/** Why a policy lets a memory go; the first that holds is told. */
export const RETENTION_REASONS = ['ttl', 'decay', 'max_memories'] as const;
export type RetentionReason = (typeof RETENTION_REASONS)[number];
export type RetentionCounts = Record<RetentionReason, number>;

export const NO_COUNTS: RetentionCounts = { ttl: 0, decay: 0, max_memories: 0 };

/** What a namespace lets go of by itself; null where it is not asked for. */
export interface RetentionPolicy {
  /** A memory goes that was last written longer ago than so many seconds. */
  ttl_seconds: number | null;
  /** Of more live memories, those with the lowest score go; without decay those that were written the longest ago. */
  max_memories: number | null;
  decay: Decay | null;
}

/**
 * A memory's score is its importance, halved with each half-life since it was last written. With `accesses` the time
 * counts from its last access, if that was later, and n accesses make the half-life 1 + log2(1 + n) times as long:
 * what is recalled is forgotten more slowly (after MemoryBank, arXiv 2305.10250, which adds a whole strength each time).
 */
export interface Decay {
  half_life_seconds: number;
  /** A memory goes whose score is below. */
  min_score: number;
  accesses: boolean;
}

export interface KeptPolicy {
  namespace: string;
  policy: RetentionPolicy;
  updated_at: number;
  updated_by: string;
  /** When it is enforced next. */
  due_at: number;
  last_run: { at: number; deleted: number } | null;
  /** Since it was first set; what was under way when a process died may be missing. */
  deleted: RetentionCounts;
}

/** A memory that a policy lets go of now, as it is stored. */
export interface Outlived {
  key: string;
  coord: string;
  version: number;
  revision: number;
  reason: RetentionReason;
}

export interface RetentionPreview {
  /** Live memories of the namespace. */
  live: number;
  would_delete: RetentionCounts;
  /** Some of each, the first to go first. */
  coords: Record<RetentionReason, string[]>;
}

/**
 * Policies, and what they mean at this moment. What an implementation MUST do:
 *
 * - All times are by the store's clock; what has expired is not live and not counted.
 * - A policy that is set is due at once.
 * - Errors: store_unavailable (retryable).
 */
export interface RetentionPolicies {
  /** By namespace, behind `after`. */
  list(page: { after: string | null; limit: number }): Promise<KeptPolicy[]>;
  get(namespace: string): Promise<KeptPolicy | undefined>;
  set(namespace: string, policy: RetentionPolicy, by: string): Promise<KeptPolicy>;
  /** Says whether there was one. */
  remove(namespace: string): Promise<boolean>;
  /** The one that is due the longest. */
  due(): Promise<KeptPolicy | undefined>;
  /** The first to go first; those beyond `max_memories` once nothing else is left to go. */
  outlived(namespace: string, policy: RetentionPolicy, limit: number): Promise<Outlived[]>;
  preview(namespace: string, policy: RetentionPolicy, coords: number): Promise<RetentionPreview>;
  /** Adds to what was deleted. */
  count(namespace: string, deleted: RetentionCounts): Promise<void>;
  /** A run has come to its end. Not when the policy was set anew after `since`: then it is due at once. */
  ran(run: { namespace: string; since: number; deleted: number; againInMs: number }): Promise<void>;
}
