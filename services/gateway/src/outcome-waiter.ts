import type { Outcomes } from '@soma/cache';
import type { Ledger } from '@soma/ledger';
import type { Operation } from '@soma/memory';
import { retryUntilDone, within } from '@soma/service';
import type { Logger } from 'pino';
import { AwaitedOperation, type SentCommand, type Settlement } from './awaited-operation.js';
import { RequestRefused } from './refusal.js';

export interface OutcomeWaiterOptions {
  outcomes: Pick<Outcomes, 'subscribe'>;
  ledger: Pick<Ledger, 'operations'>;
  /** This process's own name: the reply-to of its records. */
  name: string;
  /** Operations that are waited for at one time; beyond it 503 overloaded. */
  capacity: number;
  logger: Logger;
  /** Milliseconds without news after which the ledger is asked. */
  pollMs?: number;
}

/** How long the ledger may take to answer at a deadline, milliseconds. */
const LAST_QUESTION_MS = 500;
/** Operations asked for in one query. */
const PAGE = 500;

/**
 * Waits for what became of commands: hears of it by Outcomes, and asks the ledger for what was not heard of, for
 * everybody in the process at once, one question at a time.
 */
export class OutcomeWaiter {
  readonly #options: OutcomeWaiterOptions;
  readonly #pollMs: number;
  /** By operation id; twins under one Idempotency-Key wait for the same id. */
  readonly #awaited = new Map<string, Set<AwaitedOperation>>();
  readonly #stopping = new AbortController();
  #size = 0;
  #subscribed: Promise<{ close(): Promise<void> } | undefined> = Promise.resolve(undefined);
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;
  #askingNext: Promise<void> | undefined;

  constructor(options: OutcomeWaiterOptions) {
    this.#options = options;
    this.#pollMs = options.pollMs ?? 250;
  }

  get size(): number {
    return this.#size;
  }

  /** Subscribes in the background: without news the ledger still answers. */
  start(): void {
    const { outcomes, name, logger } = this.#options;
    const subscribe = () =>
      outcomes.subscribe(name, (operations) => {
        this.#hear(operations);
      });
    this.#subscribed = retryUntilDone(subscribe, {
      signal: this.#stopping.signal,
      onFailure: (error, attempt) => {
        logger.warn({ err: error, attempt }, 'cannot subscribe to outcomes; the ledger is asked instead');
      },
    }).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error;
      return undefined;
    });
  }

  /** Everybody who waits goes on with what is known. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await (await this.#subscribed)?.close();
    await this.#asking;
  }

  /**
   * Call before the commands are appended: news may be faster than the log's answer. `release` MUST be called.
   * @throws RequestRefused overloaded
   */
  expect(commands: readonly SentCommand[]): Expectation {
    if (this.#size + commands.length > this.#options.capacity) {
      throw new RequestRefused('overloaded', 'too many writes wait for their outcome; try again');
    }
    const operations = new Map(
      commands.map((command) => [command.command_id, new AwaitedOperation(command)]),
    );
    for (const [id, operation] of operations) this.#add(id, operation);
    return {
      appended: (id, at) => operations.get(id)?.appended(at),
      settled: (timeoutMs, signal) => this.#settled(operations, timeoutMs, signal),
      release: () => {
        for (const [id, operation] of operations) this.#remove(id, operation);
      },
    };
  }

  async #settled(
    operations: ReadonlyMap<string, AwaitedOperation>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Map<string, Settlement>> {
    // What was not appended has no outcome to wait for.
    const pending = [...operations.values()].filter((operation) => operation.isAppended);
    const all = Promise.all(pending.map((operation) => operation.settled)).then(() => true);
    this.#arm();
    const inTime = await untilDone(all, timeoutMs, AbortSignal.any([signal, this.#stopping.signal]));
    if (!inTime && !signal.aborted) await within(LAST_QUESTION_MS, () => this.#ask(), undefined);
    const settlements = new Map<string, Settlement>();
    for (const [id, { settlement }] of operations)
      if (settlement !== undefined) settlements.set(id, settlement);
    return settlements;
  }

  #hear(operations: readonly (Operation | undefined)[]): void {
    for (const operation of operations) {
      if (operation === undefined) continue;
      for (const awaited of this.#awaited.get(operation.operation_id) ?? []) awaited.hear(operation);
    }
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#size === 0 || this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void this.#ask().finally(() => {
        this.#timer = undefined;
        this.#arm();
      });
    }, this.#pollMs);
  }

  /** One question at a time; who comes while one is out shares the next. */
  #ask(): Promise<void> {
    if (this.#asking === undefined) return this.#beginAsking();
    this.#askingNext ??= this.#asking.then(() => {
      this.#askingNext = undefined;
      return this.#beginAsking();
    });
    return this.#askingNext;
  }

  #beginAsking(): Promise<void> {
    this.#asking = this.#askLedger().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askLedger(): Promise<void> {
    for (const [namespace, ids] of this.#unsettledByNamespace()) {
      for (let start = 0; start < ids.length; start += PAGE) {
        try {
          this.#hear(await this.#options.ledger.operations(namespace, ids.slice(start, start + PAGE)));
        } catch (error) {
          // Asked again in a moment; who cannot wait that long is answered 202.
          this.#options.logger.debug({ err: error }, 'the ledger did not say what became of operations');
          return;
        }
      }
    }
  }

  #unsettledByNamespace(): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [id, twins] of this.#awaited) {
      const waiting = [...twins].find(
        (operation) => operation.isAppended && operation.settlement === undefined,
      );
      if (waiting === undefined) continue;
      const ids = found.get(waiting.command.namespace) ?? [];
      ids.push(id);
      found.set(waiting.command.namespace, ids);
    }
    return found;
  }

  #add(id: string, operation: AwaitedOperation): void {
    const twins = this.#awaited.get(id) ?? new Set();
    this.#awaited.set(id, twins.add(operation));
    this.#size += 1;
  }

  #remove(id: string, operation: AwaitedOperation): void {
    const twins = this.#awaited.get(id);
    if (twins?.delete(operation) !== true) return;
    this.#size -= 1;
    if (twins.size === 0) this.#awaited.delete(id);
  }
}

export interface Expectation {
  /** The log took the command there. */
  appended(commandId: string, at: { topic: string; partition: number; position: number }): void;
  /** What is known once everything appended is settled, or after `timeoutMs`, or when the process stops. */
  settled(timeoutMs: number, signal: AbortSignal): Promise<Map<string, Settlement>>;
  release(): void;
}

/** True when `work` was done in time; false at the deadline or on abort. */
async function untilDone(work: Promise<boolean>, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  let stop: () => void = () => undefined;
  const over = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, timeoutMs);
    const onAbort = (): void => {
      resolve(false);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    stop();
  }
}
