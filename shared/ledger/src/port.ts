import type { Topic } from '@soma/events';
import type { ErrorCode, Operation } from '@soma/memory';

/**
 * Ledger: what was seen (operations), how far each consumer group is (progress), what was refused (dead letters).
 * All three live in Postgres, so that a store writes them in the transaction of its effect.
 * What an implementation MUST do:
 *
 * - progress of a group and partition only grows within a generation, and only its owner moves it: `claim` makes
 *   the caller the owner by raising the epoch; a move with an older epoch fails with ownership_lost and changes nothing.
 * - a dead letter is unique by (group, topic, generation, partition, position) and written in the transaction that
 *   moves progress over it.
 */
export interface Ledger {
  /** Makes the caller the owner of the partition for this group; returns where the group stands. */
  claim(group: string, topic: Topic, partition: number): Promise<Claim>;
  /** Moves progress for a group whose effect is not in Postgres; made after the effect. */
  advance(move: ProgressMove): Promise<void>;
  /** Progress of all groups and partitions. One cheap query; callers poll it. */
  progress(): Promise<GroupProgress[]>;
  /** Operations by id, in one namespace; undefined where none is known. In the order of the ids. */
  operations(namespace: string, ids: string[]): Promise<(Operation | undefined)[]>;
  /** Writes down, at the operations that made these revisions, why the memory is indexed by its words only. */
  noteIndexErrors(errors: IndexError[]): Promise<void>;
  /** Dead letters written but not yet known to be in memory.dlq, oldest first. */
  unpublishedDeadLetters(
    group: string,
    topic: Topic,
    partition: number,
    limit: number,
  ): Promise<DeadLetter[]>;
  markPublished(
    letters: Pick<DeadLetter, 'group' | 'topic' | 'generation' | 'partition' | 'position'>[],
  ): Promise<void>;
  /** Installation id and the secret that consistency tokens are signed with; made by the first migration, kept for ever. */
  installation(): Promise<Installation>;
  /** Daily partitions of operations: makes those of the coming days, drops those older than `keepDays`. */
  maintain(keepDays: number): Promise<{ created: number; dropped: number }>;
  ping(): Promise<void>;
}

export interface Installation {
  id: string;
  /** 32 bytes. */
  secret: Buffer;
  generation: number;
}

export interface IndexError {
  namespace: string;
  key: string;
  revision: number;
  /** What the embedder said; no text of the memory in it. */
  reason: string;
}

/** Where a group stands in a partition, and the right to move it. */
export interface Claim {
  epoch: number;
  generation: number;
  /** Last position whose effect is made; -1 when none is. */
  position: number;
  /** Fingerprint of the record there; null when position is -1. */
  fingerprint: string | null;
  /** Of groups that read memory.events: the last command position their projection holds; -1 when none. */
  command_position: number;
}

export interface ProgressMove {
  group: string;
  topic: Topic;
  partition: number;
  generation: number;
  epoch: number;
  /** Last position of the batch. */
  position: number;
  fingerprint: string;
  /** From the newest Progress record at or below `position`; null leaves it. */
  command_position: number | null;
  dead_letters: DeadLetter[];
}

export interface GroupProgress {
  group: string;
  topic: Topic;
  partition: number;
  generation: number;
  position: number;
  command_position: number;
}

/** A record that was refused for good, with its original bytes. */
export interface DeadLetter {
  group: string;
  topic: Topic;
  generation: number;
  partition: number;
  position: number;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  code: ErrorCode;
  /** A sentence for operators; no payload in it. */
  message: string;
  attempts: number;
  /** Epoch milliseconds. */
  first_failed_at: number;
  recorded_at: number;
  /** Filled when the record could be read that far. */
  command_id: string | null;
  namespace: string | null;
  coord: string | null;
}

/** "At least as new as these writes": topic → partition → last position of interest. Merging takes the larger. */
export interface PositionVector {
  generation: number;
  positions: Partial<Record<Topic, Record<number, number>>>;
}
