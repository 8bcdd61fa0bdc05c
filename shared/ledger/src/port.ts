import type { Topic } from '@soma/events';
import type { ErrorCode, Operation } from '@soma/memory';
import type {
  DeadLetter,
  DeadLetterEntry,
  DeadLetterQuery,
  DeadLetterSettlement,
  DeadLetterStatus,
  KeptDeadLetter,
} from './dead-letter.js';

export type { RecordPosition } from '@soma/events';

/**
 * Ledger: what was seen (operations), how far each consumer group is (progress), what was refused (dead letters).
 * All three live in Postgres, so that a store writes them in the transaction of its effect.
 * What an implementation MUST do:
 *
 * - progress of a group and partition only grows within a generation, and only its owner moves it: `claim` makes
 *   the caller the owner by raising the epoch; a move with an older epoch fails with ownership_lost and changes nothing.
 * - a move of an owner that had come further than the row says fails with standing_lost and changes nothing: the store
 *   was put back, and what lies between must be read again.
 * - a dead letter is unique by (group, topic, generation, partition, position) and written in the transaction that
 *   moves progress over it.
 * - an operation that ended dead_lettered keeps that status, except for a record that names exactly its position as
 *   the one it replaces (RecordPosition): that one is carried out and takes its place, once.
 */
export interface Ledger {
  /** Makes the caller the owner of the partition for this group; returns where the group stands. */
  claim(group: string, topic: Topic, partition: number): Promise<Claim>;
  /** Moves progress for a group whose effect is not in Postgres; made after the effect. */
  advance(move: ProgressMove): Promise<void>;
  /** Progress of all groups and partitions. One cheap query; callers poll it. */
  progress(): Promise<GroupProgress[]>;
  /** Memories that are stored and wait to be indexed, the namespaces with the most first. Cheap; callers poll it. */
  backlog(bounds: BacklogBounds): Promise<NamespaceBacklog[]>;
  /** Operations by id, in one namespace; undefined where none is known. In the order of the ids. */
  operations(namespace: string, ids: string[]): Promise<(Operation | undefined)[]>;
  /**
   * Takes an id for work that is no record on a topic, so that no command can have it: one that brings it is refused
   * as idempotency_key_reused. Undefined when it was free; else the operation that has it, which stays.
   */
  reserve(id: ReservedId): Promise<Operation | undefined>;
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
  /** Dead letters of all groups, newest first; without what the records hold. */
  deadLetters(query: DeadLetterQuery): Promise<DeadLetterEntry[]>;
  deadLetter(id: number): Promise<KeptDeadLetter | undefined>;
  /** What an operator did with a letter. False, and nothing changed, when it is not open any more, unless forced. */
  settleDeadLetter(settlement: DeadLetterSettlement): Promise<boolean>;
  countDeadLetters(): Promise<{ status: DeadLetterStatus; code: ErrorCode; count: number }[]>;
  /** A memory, a tombstone too, or a link as it stands now; undefined where there is none. */
  standing(of: MemoryIdentity | LinkIdentity): Promise<Standing | undefined>;
  /** Installation id and the secret that consistency tokens are signed with; made by the first migration, kept for ever. */
  installation(): Promise<Installation>;
  /** Raises the log generation, after which every group begins again at the start of the log as it is; returns it. */
  acceptLog(): Promise<number>;
  /** Makes the daily partitions of operations of the coming days, and lets go of what is older than it is kept. */
  maintain(keep: LedgerRetention): Promise<Maintained>;
  ping(): Promise<void>;
}

/** The topic of an operation that stands for a reserved id. */
export const RESERVED = 'reserved';

export type ReservedId = Pick<Operation, 'operation_id' | 'namespace' | 'request_hash' | 'issuer'>;

export interface BacklogBounds {
  /** Most memories that are looked at, oldest first, in equal parts of each partition that is behind. */
  scan: number;
  /** Most namespaces in the answer. */
  namespaces: number;
}

export interface NamespaceBacklog {
  namespace: string;
  memories: number;
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
  /** Where this owner left the partition; a row that stands before it was put back in time. -1: nowhere yet. */
  after: number;
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

export interface MemoryIdentity {
  namespace: string;
  key: string;
}

export interface LinkIdentity {
  namespace: string;
  from_key: string;
  to_key: string;
  link_type: string;
}

export interface Standing {
  version: number;
  revision: number;
  deleted: boolean;
  updated_at: number;
}

/** Days that are kept. */
export interface LedgerRetention {
  operation_days: number;
  dead_letter_days: number;
}

export interface Maintained {
  /** Daily partitions of operations. */
  created: number;
  dropped: number;
  /** Dead letters that were removed. */
  dead_letters: number;
}

/** "At least as new as these writes": topic → partition → last position of interest. Merging takes the larger. */
export interface PositionVector {
  generation: number;
  positions: Partial<Record<Topic, Record<number, number>>>;
}
