import type { LogRecord } from '@soma/event-log';
import type { Claim, ProgressMove } from '@soma/ledger';
import type { ErrorCode } from '@soma/memory';
import type { Topic } from '@soma/events';

/** A record and what it says. */
export interface Decoded<T> {
  record: LogRecord;
  value: T;
}

/** What is to become of one record, decided before any effect. */
export type Outcome =
  /** Goes to `apply`. */
  | { outcome: 'apply' }
  /** Nothing to do; progress moves over it. */
  | { outcome: 'skip' }
  /** Produced again under its right key, with the same id, before progress moves over it. */
  | { outcome: 'redirect'; key: string }
  | { outcome: 'dead-letter'; code: ErrorCode; message: string };

export const APPLY: Outcome = { outcome: 'apply' };
export const SKIP: Outcome = { outcome: 'skip' };

/** Records of one partition, in order, ready for their effect. */
export interface WorkerBatch<T> {
  topic: Topic;
  partition: number;
  records: Decoded<T>[];
  /** Covers every record of the batch, the skipped, redirected and refused ones too. */
  move: ProgressMove;
  /** Aborted when the partition is lost or the process stops. */
  signal: AbortSignal;
  /** Call at least every second in long work; rejects when the partition is lost. */
  heartbeat(): Promise<void>;
}

export interface Assignment {
  topic: Topic;
  partition: number;
  claim: Claim;
  /** Where the group's offset stands: everything before it had all its effects. A hint; undefined when there is none. */
  committed: number | undefined;
}

/** What a service does with the records of one topic. */
export interface Handler<T> {
  /** Pure: looks at one record. */
  triage(decoded: Decoded<T>): Outcome;
  /**
   * Makes the effect of all records and carries out `move`, in one transaction where the effect is in Postgres, after
   * the effect where it is not. MUST be idempotent: the same records may come again, in other batches. Throws to have
   * them again: retryable errors for as long as it takes, permanent codes until the culprit is alone and dead-lettered.
   */
  apply(batch: WorkerBatch<T>): Promise<void>;
  /** The partition is ours; finish what a former owner may have left between its effect and its commit. */
  assigned?(assignment: Assignment): Promise<void>;
  /**
   * Asked every few seconds: does the projection still hold what was written to it? False, or a `standing_lost` thrown
   * by `apply`, has the partition claimed and assigned anew, so that `assigned` mends what is missing.
   */
  stands?(place: { topic: Topic; partition: number; generation: number }): Promise<boolean>;
}
