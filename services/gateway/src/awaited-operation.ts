import type { Operation } from '@soma/memory';

export interface SentCommand {
  command_id: string;
  namespace: string;
  request_hash: string | null;
}

/** What became of a command: an operation, or the news that its Idempotency-Key belongs to another request. */
export type Settlement =
  /** `replayed`: the operation is that of an earlier twin; this command had no effect of its own. */
  { reused: false; operation: Operation; replayed: boolean } | { reused: true };

interface Place {
  topic: string;
  partition: number;
  position: number;
}

/**
 * One command that a request waits for. Under an Idempotency-Key an id may have twins, so an operation is first
 * matched by where it stands in the log and only then by its id.
 */
export class AwaitedOperation {
  readonly command: SentCommand;
  readonly settled: Promise<void>;
  settlement: Settlement | undefined;
  #place: Place | undefined;
  /** News that came before the log said where the command is; one for each twin's place, so few. */
  #early: Operation[] = [];
  #resolve: () => void = () => undefined;

  constructor(command: SentCommand) {
    this.command = command;
    this.settled = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isAppended(): boolean {
    return this.#place !== undefined;
  }

  appended(place: Place): void {
    this.#place = place;
    const early = this.#early;
    this.#early = [];
    for (const operation of early) this.hear(operation);
  }

  hear(operation: Operation): void {
    if (this.settlement !== undefined) return;
    if (this.#place === undefined) {
      if (this.#early.length < MOST_EARLY) this.#early.push(operation);
      return;
    }
    this.settlement = settlementOf(operation, this.command, this.#place);
    if (this.settlement !== undefined) this.#resolve();
  }
}

/** What is beyond is found in the ledger. */
const MOST_EARLY = 8;

function settlementOf(operation: Operation, command: SentCommand, place: Place): Settlement | undefined {
  const reused = operation.error?.code === 'idempotency_key_reused';
  const own =
    operation.topic === place.topic &&
    operation.partition === place.partition &&
    operation.position === place.position;
  if (own) return reused ? { reused: true } : { reused: false, operation, replayed: false };
  // The refusal of a twin says nothing of this command.
  if (reused) return undefined;
  const differs = operation.request_hash !== command.request_hash;
  if (differs && operation.request_hash !== null && command.request_hash !== null) return { reused: true };
  return { reused: false, operation, replayed: true };
}
