import type { Topic } from '@soma/events';
import type { SomaError } from '@soma/memory';

/**
 * EventLog: partitioned, ordered, durable topics. What an implementation MUST do:
 *
 * - Order: records of one partition have positions that grow by at least 1 in the order in which readers see
 *   them; a reader never sees a position before every lower one is decided.
 * - Durability: a position is returned only once the record survives the loss of the process that took it
 *   (Kafka: acks=all; Postgres: committed).
 * - Partitioning: a record without a partition goes where Java's DefaultPartitioner sends its key:
 *   toPositive(murmur2(key)) % partitions.
 * - Appending: results stand in the order of the records; one record that fails, or one dead leader, does not
 *   fail or delay the others. A record over the limit is refused alone. Records of one partition are appended
 *   in the order given. Records are never dropped silently and MAY be written twice after a lost reply.
 * - Consuming: within a group each partition has one consumer at a time as far as the log can tell; a consumer
 *   that lost its partition may still be running, so effects are fenced elsewhere (ledger epoch).
 * - Errors: event_log_unavailable (retryable) when the log does not answer; record_too_large; log_replaced and
 *   log_truncated when a position proves that the log is not the one read before.
 */
export interface EventLog {
  /** Creates missing topics with their settings, verifies existing ones. MUST be repeatable. */
  start(): Promise<void>;
  /** Never throws for a record: each has its own result. `timeoutMs` bounds the whole call (default 5000). */
  append(records: NewRecord[], options?: { timeoutMs?: number }): Promise<AppendResult[]>;
  consume(subscription: Subscription): Promise<Consumer>;
  partitions(topic: Topic): number;
  /** Per partition the first position still held and the position the next record will get. */
  bounds(topic: Topic): Promise<PartitionBounds[]>;
  /** One record by position, undefined when the log holds none there. Used to prove that the log is the same. */
  read(topic: Topic, partition: number, position: number): Promise<LogRecord | undefined>;
  /**
   * What a partition holds of a range, such as `bounds` gives it, in order, in batches of a few MiB at most; what
   * retention has taken, before or meanwhile, is left out. Joins no group and moves nothing.
   */
  scan(topic: Topic, range: PartitionBounds): AsyncIterable<LogRecord[]>;
  /** Positions up to which groups have committed; a hint and a measure of lag, never the truth. */
  committed(group: string, topic: Topic): Promise<Map<number, number>>;
  /** Resolves when the log answers, within timeoutMs. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface NewRecord {
  topic: Topic;
  key: string | null;
  /** Absent: by the key. Given: exactly there. */
  partition?: number;
  value: Buffer | null;
  headers: Record<string, string>;
}

export type AppendResult =
  { ok: true; topic: Topic; partition: number; position: number } | { ok: false; error: SomaError };

export interface LogRecord {
  topic: Topic;
  partition: number;
  position: number;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  /** When the log took it, epoch milliseconds. */
  timestamp: number;
}

export interface PartitionBounds {
  partition: number;
  /** First position still held; equal to `end` when empty. */
  start: number;
  end: number;
}

export interface TopicPartition {
  topic: Topic;
  partition: number;
}

export interface Subscription {
  group: string;
  topics: Topic[];
  /**
   * Asked at each assignment of a partition, before its first batch is delivered: the position to begin at. The
   * consumer MUST begin exactly there, or at the log's start when that is later. A rejection is retried with
   * backoff while the partition stays assigned; nothing is delivered meanwhile, other partitions go on.
   * `committed`: where the group's offset stands, undefined when it has none.
   */
  onAssigned(assigned: TopicPartition & { committed: number | undefined }): Promise<number>;
  /** The partition is gone, or soon will be; a running onBatch of it sees its signal aborted. */
  onRevoked(revoked: TopicPartition): void;
  /**
   * Records of one partition, in order, never two batches of one partition at once; partitions run side by side.
   * The answer says what to do next. A rejection is a bug of the caller and crashes the consumer.
   */
  onBatch(batch: RecordBatch): Promise<BatchVerdict>;
  /** The consumer has died and will deliver nothing more. The process is expected to exit. */
  onCrash(error: Error): void;
  /** Most bytes in one batch (default 4 MiB), most records (default 1000). */
  maxBytes?: number;
  maxRecords?: number;
}

export interface RecordBatch extends TopicPartition {
  records: LogRecord[];
  /** Aborted when the partition is revoked or the consumer stops. */
  signal: AbortSignal;
  /** Keeps the membership alive in long batches; call at least every second. Rejects when the partition is lost. */
  heartbeat(): Promise<void>;
}

export type BatchVerdict =
  /** The effect is made: the group's offset is committed at `position` (the next to read) and reading goes on there. */
  | { next: 'advance'; position: number }
  /** Deliver again from `position` after `delayMs`; the partition alone is paused meanwhile. */
  | { next: 'retry'; position: number; delayMs: number }
  /** What was known at the assignment holds no more: as `Consumer.reassign`, after `delayMs`. */
  | { next: 'reassign'; delayMs: number }
  /** Deliver nothing more of this partition until it is assigned anew: someone has to look. */
  | { next: 'halt' };

export interface Consumer {
  assigned(): TopicPartition[];
  /** Records between what was advanced over and the log's end, per assigned partition. */
  lag(): Promise<(TopicPartition & { lag: number })[]>;
  /**
   * Treats the partition as revoked and assigned anew, once its running batch is over: onRevoked, then onAssigned is
   * asked where to begin. Does nothing when it is not assigned.
   */
  reassign(of: TopicPartition): void;
  /** Milliseconds since the loop last fetched, heartbeat or tried again; liveness fails when it grows. */
  idleMs(): number;
  /** Stops fetching, lets running batches finish (their verdicts are carried out), leaves the group. */
  stop(): Promise<void>;
}
