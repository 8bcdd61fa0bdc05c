import type { ProgressMove, RecordPosition } from '@soma/ledger';
import type { Filter, Limits, Memory, MemoryCommand, MemoryState, MemoryType, Operation } from '@soma/memory';
import type { ChangeReads } from './changes.js';
import type { MemoryHeads } from './heads.js';
import type { HistoryReads } from './history.js';
import type { ListingReads } from './listing.js';
import type { Quota } from './quotas.js';
import type { RecallReads } from './recall-reads.js';

/**
 * MemoryStore: the truth about memories. What an implementation MUST do:
 *
 * - `apply` is one transaction: unseen command ids, decisions, memories, history, operations, dead letters and
 *   progress are all written or none is. Its clock is the store's.
 * - An id seen before has no second effect: it is answered from its first outcome, or `idempotency_key_reused`
 *   when both request hashes are known and differ. A position at or below progress has no second effect either.
 * - A memory that would make its namespace grow beyond its quota is not stored: quota_exceeded. Commands of one partition
 *   are held to it exactly; partitions see of each other what was committed when their batches began.
 * - A caller whose epoch is not the current one changes nothing and gets ownership_lost.
 * - Reads see only the namespace they name, and only memories live by the store's clock.
 * - A read that takes a signal ends when that is aborted, with its reason, and costs the store nothing any more.
 * - Errors: store_unavailable (retryable) when it does not answer.
 */
export interface MemoryStore {
  apply(batch: CommandBatch): Promise<AppliedCommand[]>;
  /** Current states (tombstones too) of one partition with revision in (after, upTo], by revision, at most `limit`. */
  changedSince(query: ChangedSince): Promise<MemoryState[]>;
  /** The highest revision among the partition's memories, deleted ones too; undefined when it has none. */
  lastRevision(partition: number): Promise<number | undefined>;
  /** Live memories by canonical key, in the order of the keys; undefined where there is none. */
  get(namespace: string, keys: readonly string[], signal?: AbortSignal): Promise<(Memory | undefined)[]>;
  /** Current states by key whatever they are, with the store's clock: what a cache is filled with. */
  states(namespace: string, keys: string[]): Promise<{ states: (MemoryState | undefined)[]; now: number }>;
  /** Full-text search by Postgres alone: what answers when the index is out. Best first. */
  keywordSearch(query: KeywordQuery, signal?: AbortSignal): Promise<{ key: string; score: number }[]>;
  /** Live memories by type, over all namespaces; may lag behind writes by seconds. */
  totals(): Promise<MemoryTotals>;
  readonly heads: MemoryHeads;
  readonly recall: RecallReads;
  readonly changes: ChangeReads;
  readonly listing: ListingReads;
  readonly history: HistoryReads;
  ping(): Promise<void>;
}

export interface CommandBatch {
  /** Position, epoch and dead letters of the batch; written in the same transaction. */
  progress: ProgressMove;
  /** In log order. */
  commands: PositionedCommand[];
  limits: Limits;
  /** By namespace: what is stored in it must not grow beyond. */
  quotas: ReadonlyMap<string, Quota>;
}

export interface PositionedCommand {
  position: number;
  command: MemoryCommand;
  /** Of a redriven record: the dead letter that it replaces. */
  redrive_of?: RecordPosition | undefined;
}

export interface AppliedCommand {
  position: number;
  operation: Operation;
  /** True when the id was seen at another position (a repeat): nothing was changed now. */
  replayed: boolean;
  /** The state this command made; undefined when it changed nothing. Also undefined on a replay. */
  state: MemoryState | undefined;
  /** True when the position itself was applied before: its events may not have been sent. */
  applied_before: boolean;
}

export interface ChangedSince {
  partition: number;
  after: number;
  upTo?: number;
  limit: number;
}

export interface KeywordQuery {
  namespace: string;
  text: string;
  filter: Filter;
  limit: number;
}

export interface MemoryTotals {
  total: number;
  by_type: Record<MemoryType, number>;
  namespaces: number;
}
