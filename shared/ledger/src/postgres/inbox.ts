import { readRedriveHeader } from '@soma/events';
import { revisionOf, type CommandEnvelope, type Operation } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { DeadLetter } from '../dead-letter.js';
import type { ProgressMove, RecordPosition } from '../port.js';
import { operationOfDeadLetter, writeDeadLetters } from './dead-letters.js';
import { idempotencyLocks, insertOperations, removeOperations, seenOperations } from './operations.js';
import { lockProgress, moveProgress, type LockedProgress } from './progress.js';

/** A command as the inbox sees it. `coord` is the one its operation names. */
export interface InboxEntry {
  position: number;
  envelope: CommandEnvelope;
  coord: string;
  /** Of a redriven record: the dead letter that it replaces. */
  redrive_of?: RecordPosition | undefined;
}

export type InboxAnswer =
  /** Never seen: carry it out, then `record` its operation. */
  | { verdict: 'new' }
  /**
   * At or below progress, or a dead letter already, and its operation is older than the horizon of what is
   * remembered, or never was known: nothing to say.
   */
  | { verdict: 'forgotten' }
  | { verdict: 'known'; operation: Operation; replayed: boolean; applied_before: boolean };

/** What a command came to, as far as it differs from the next. */
export type Outcome = Pick<Operation, 'status' | 'deleted' | 'created' | 'version' | 'memory_type' | 'error'>;

/**
 * The inbox of one batch in one transaction: which commands are new, what the others came to, and what must be
 * written besides their effect. Dead letters take part at their position: the first of an id decides, until a record
 * comes that names this very dead letter as the one it replaces.
 */
export class Inbox {
  /** Postgres's clock of this transaction, epoch milliseconds. */
  readonly now: number;
  readonly #tx: Queryable;
  readonly #move: ProgressMove;
  /** Last position applied before this batch. */
  readonly #applied: number;
  /** Positions beyond it that are dead letters all the same. */
  readonly #refused: ReadonlySet<number>;
  readonly #seen: Map<string, Operation>;
  /** To be written, by id: within one batch a redriven command can end more than once. */
  readonly #recorded = new Map<string, Operation>();
  readonly #replaced: Operation[] = [];
  /** In order of position; those before #nextLetter have taken part. */
  readonly #letters: DeadLetter[];
  #nextLetter = 0;

  private constructor(
    tx: Queryable,
    move: ProgressMove,
    locked: LockedProgress,
    seen: Map<string, Operation>,
  ) {
    this.#tx = tx;
    this.#move = move;
    this.#applied = locked.position;
    this.#refused = new Set(locked.refused);
    this.now = locked.now;
    this.#seen = seen;
    this.#letters = [...move.dead_letters].sort((a, b) => a.position - b.position);
  }

  /**
   * Two round trips: locks, then what was seen (a statement of its own, so that it sees what the lock waited for).
   * @throws SomaError ownership_lost.
   */
  static async open(tx: Queryable, move: ProgressMove, entries: readonly InboxEntry[]): Promise<Inbox> {
    const letterIds = move.dead_letters.flatMap((letter) => letter.command_id ?? []);
    const ids = [...entries.map((entry) => entry.envelope.command_id), ...letterIds];
    const locked = await lockProgress(tx, move, idempotencyLocks(ids));
    return new Inbox(tx, move, locked, await seenOperations(tx, ids));
  }

  /** May this command have an effect, as far as is known before the batch? What its effect needs is worth reading. */
  mayBeNew(entry: InboxEntry): boolean {
    if (this.#wasHandled(entry.position)) return false;
    const known = this.#seen.get(idOf(entry));
    // Which dead letter it has to replace is known once those before it in the batch have taken part.
    return known === undefined || (entry.redrive_of !== undefined && known.status === 'dead_lettered');
  }

  /** Must be asked in order of position. */
  answer(entry: InboxEntry): InboxAnswer {
    this.#recordLettersBefore(entry.position);
    const known = this.#seen.get(idOf(entry));
    const handled = this.#wasHandled(entry.position);
    if (known === undefined) return { verdict: handled ? 'forgotten' : 'new' };
    if (!handled && this.#mayReplace(known, entry.envelope.namespace, entry.redrive_of))
      return { verdict: 'new' };
    const replayed = !isAt(known, { ...this.#move, position: entry.position });
    const operation =
      replayed && isReuse(known, entry.envelope, this.#move) ? this.#refuseReuse(entry) : known;
    // An operation of this very position was carried out here, wherever progress stands: it may have been set back.
    const applied_before = entry.position <= this.#applied || !replayed;
    return { verdict: 'known', operation, replayed, applied_before };
  }

  /** What a new command came to; written when the inbox closes. */
  record(entry: InboxEntry, outcome: Outcome): Operation {
    const operation = this.#operationOf(entry, outcome);
    this.#remember(operation);
    return operation;
  }

  revisionAt(position: number): number {
    return revisionOf(this.#move.generation, position);
  }

  /** Writes operations, dead letters and progress; what remains is the caller's commit. */
  async close(): Promise<void> {
    this.#recordLettersBefore(Infinity);
    await removeOperations(this.#tx, this.#replaced);
    await insertOperations(this.#tx, [...this.#recorded.values()]);
    await writeDeadLetters(this.#tx, this.#letters);
    await moveProgress(this.#tx, this.#move);
  }

  #recordLettersBefore(position: number): void {
    for (;;) {
      const letter = this.#letters[this.#nextLetter];
      if (letter === undefined || letter.position >= position) return;
      this.#nextLetter += 1;
      const operation = operationOfDeadLetter(letter, this.now);
      if (operation !== undefined && this.#endsBy(letter, operation)) this.#remember(operation);
    }
  }

  /** A command's first refusal ends it; that of a redriven record ends it anew, at the new position. */
  #endsBy(letter: DeadLetter, { operation_id, namespace }: Operation): boolean {
    const known = this.#seen.get(operation_id);
    if (known === undefined) return true;
    if (this.#wasHandled(letter.position)) return false;
    return this.#mayReplace(known, namespace, readRedriveHeader(letter.headers));
  }

  #wasHandled(position: number): boolean {
    return position <= this.#applied || this.#refused.has(position);
  }

  /** Only what ended as exactly this dead letter, and only within its namespace. */
  #mayReplace(known: Operation, namespace: string, redriveOf: RecordPosition | undefined): boolean {
    return (
      redriveOf !== undefined &&
      known.status === 'dead_lettered' &&
      known.namespace === namespace &&
      known.topic === this.#move.topic &&
      isAt(known, redriveOf)
    );
  }

  #remember(operation: Operation): void {
    const replaced = this.#seen.get(operation.operation_id);
    if (replaced !== undefined) this.#replaced.push(replaced);
    this.#seen.set(operation.operation_id, operation);
    this.#recorded.set(operation.operation_id, operation);
  }

  /** A rejection that is told and not kept: the first outcome stays what the id stands for. */
  #refuseReuse(entry: InboxEntry): Operation {
    const detail = 'this id, or its Idempotency-Key, was used for another request';
    return this.#operationOf(entry, {
      status: 'rejected',
      deleted: null,
      created: false,
      version: null,
      memory_type: null,
      error: { code: 'idempotency_key_reused', detail },
    });
  }

  #operationOf({ position, envelope, coord }: InboxEntry, outcome: Outcome): Operation {
    const changed = outcome.version !== null;
    return {
      operation_id: envelope.command_id.toLowerCase(),
      namespace: envelope.namespace,
      topic: this.#move.topic,
      partition: this.#move.partition,
      position,
      generation: this.#move.generation,
      coord,
      ...outcome,
      revision: changed ? this.revisionAt(position) : null,
      index_error: null,
      request_hash: envelope.request_hash,
      issuer: envelope.issuer,
      accepted_at: envelope.issued_at,
      finished_at: this.now,
    };
  }
}

function idOf(entry: InboxEntry): string {
  return entry.envelope.command_id.toLowerCase();
}

function isAt(operation: Operation, { topic, generation, partition, position }: RecordPosition): boolean {
  return (
    operation.topic === topic &&
    operation.generation === generation &&
    operation.partition === partition &&
    operation.position === position
  );
}

/** One id names one request: of one namespace, on one topic, with one hash where both are known. */
function isReuse(known: Operation, envelope: CommandEnvelope, move: ProgressMove): boolean {
  if (known.namespace !== envelope.namespace || known.topic !== move.topic) return true;
  return (
    known.request_hash !== null &&
    envelope.request_hash !== null &&
    known.request_hash !== envelope.request_hash
  );
}
