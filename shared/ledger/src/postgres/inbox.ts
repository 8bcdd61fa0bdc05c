import { revisionOf, type CommandEnvelope, type Operation } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { DeadLetter, ProgressMove } from '../port.js';
import { operationOfDeadLetter, writeDeadLetters } from './dead-letters.js';
import { idempotencyLocks, insertOperations, seenOperations } from './operations.js';
import { lockProgress, moveProgress } from './progress.js';

/** A command as the inbox sees it. `coord` is the one its operation names. */
export interface InboxEntry {
  position: number;
  envelope: CommandEnvelope;
  coord: string;
}

export type InboxAnswer =
  /** Never seen: carry it out, then `record` its operation. */
  | { verdict: 'new' }
  /** At or below progress, and its operation is older than the horizon of what is remembered: nothing to say. */
  | { verdict: 'forgotten' }
  | { verdict: 'known'; operation: Operation; replayed: boolean; applied_before: boolean };

/** What a command came to, as far as it differs from the next. */
export type Outcome = Pick<Operation, 'status' | 'deleted' | 'created' | 'version' | 'memory_type' | 'error'>;

/**
 * The inbox of one batch in one transaction: which commands are new, what the others came to, and what must be
 * written besides their effect. Dead letters take part at their position: the first of an id decides.
 */
export class Inbox {
  /** Postgres's clock of this transaction, epoch milliseconds. */
  readonly now: number;
  readonly #tx: Queryable;
  readonly #move: ProgressMove;
  /** Last position applied before this batch. */
  readonly #applied: number;
  readonly #seen: Map<string, Operation>;
  readonly #recorded: Operation[] = [];
  /** In order of position; those before #nextLetter have taken part. */
  readonly #letters: DeadLetter[];
  #nextLetter = 0;

  private constructor(
    tx: Queryable,
    move: ProgressMove,
    locked: { position: number; now: number },
    seen: Map<string, Operation>,
  ) {
    this.#tx = tx;
    this.#move = move;
    this.#applied = locked.position;
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
    return entry.position > this.#applied && !this.#seen.has(idOf(entry));
  }

  /** Must be asked in order of position. */
  answer(entry: InboxEntry): InboxAnswer {
    this.#recordLettersBefore(entry.position);
    const appliedBefore = entry.position <= this.#applied;
    const known = this.#seen.get(idOf(entry));
    if (known === undefined) return { verdict: appliedBefore ? 'forgotten' : 'new' };
    const replayed = !this.#isHere(known, entry.position);
    const operation =
      replayed && isReuse(known, entry.envelope, this.#move) ? this.#refuseReuse(entry) : known;
    return { verdict: 'known', operation, replayed, applied_before: appliedBefore };
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
    await insertOperations(this.#tx, this.#recorded);
    await writeDeadLetters(this.#tx, this.#letters);
    await moveProgress(this.#tx, this.#move);
  }

  #recordLettersBefore(position: number): void {
    for (;;) {
      const letter = this.#letters[this.#nextLetter];
      if (letter === undefined || letter.position >= position) return;
      this.#nextLetter += 1;
      const operation = operationOfDeadLetter(letter, this.now);
      if (operation !== undefined && !this.#seen.has(operation.operation_id)) this.#remember(operation);
    }
  }

  #remember(operation: Operation): void {
    this.#seen.set(operation.operation_id, operation);
    this.#recorded.push(operation);
  }

  #isHere(operation: Operation, position: number): boolean {
    const { topic, generation, partition } = this.#move;
    return (
      operation.position === position &&
      operation.partition === partition &&
      operation.topic === topic &&
      operation.generation === generation
    );
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

/** One id names one request: of one namespace, on one topic, with one hash where both are known. */
function isReuse(known: Operation, envelope: CommandEnvelope, move: ProgressMove): boolean {
  if (known.namespace !== envelope.namespace || known.topic !== move.topic) return true;
  return (
    known.request_hash !== null &&
    envelope.request_hash !== null &&
    known.request_hash !== envelope.request_hash
  );
}
