import { setTimeout as sleep } from 'node:timers/promises';
import type { AppendResult } from '@soma/event-log';
import { TOPICS } from '@soma/events';
import type { Installation, Ledger } from '@soma/ledger';
import type { Command } from '@soma/memory';
import type { Logger } from 'pino';
import { UnwrittenCommands } from './backlog-unwritten.js';
import { RequestRefused } from './refusal.js';

export interface BacklogOptions {
  ledger: Pick<Ledger, 'progress' | 'backlog'>;
  /** Memories of one namespace that may wait to be indexed before its writes are refused. */
  max: number;
  logger: Logger;
  onRefused: () => void;
  /** Milliseconds between looks at the store. */
  intervalMs?: number;
  /** Milliseconds for which an answer of the store is believed. */
  keepMs?: number;
}

/** What a request is about to append. */
export interface Arriving {
  namespace: string;
  commands: readonly Command[];
  installation: Pick<Installation, 'generation'>;
}

/** However much is appended, the store is not asked more often. Milliseconds. */
const LEAST_INTERVAL_MS = 100;
/** Times `max`: what the store looks at. A namespace that has a quarter of all that waits is seen. */
const SCAN_FACTOR = 4;
/** Further namespaces have less waiting than all these. */
const MAX_NAMESPACES = 1_000;

/**
 * Refuses writes to a namespace that has too much waiting to be indexed, so that it does not hold up the others. What
 * waits is what the store says, at most a second old, and what this gateway appended and the writer has not passed.
 * While the store does not answer, its last answer counts for a while; then everything is let in.
 */
export class Backlog {
  readonly #options: Required<BacklogOptions>;
  readonly #unwritten = new UnwrittenCommands();
  readonly #entering = new Map<string, number>();
  readonly #stopping = new AbortController();
  #unindexed: ReadonlyMap<string, number> = new Map();
  #answeredAt = -Infinity;
  #looking: Promise<void> = Promise.resolve();
  #lookSooner: () => void = () => undefined;

  constructor(options: BacklogOptions) {
    this.#options = { intervalMs: 1_000, keepMs: 10_000, ...options };
  }

  /** What waits of the namespace that has the most waiting. */
  get largest(): number {
    if (!this.#isKnown) return 0;
    const namespaces = new Set([...this.#unindexed.keys(), ...this.#unwritten.counts().keys()]);
    let largest = 0;
    for (const namespace of namespaces) largest = Math.max(largest, this.#waiting(namespace));
    return largest;
  }

  start(): void {
    this.#looking = this.#look();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  /**
   * Runs `append`, whose results are counted. Commands under way count too.
   * @throws RequestRefused overloaded
   */
  async admit(arriving: Arriving, append: () => Promise<AppendResult[]>): Promise<AppendResult[]> {
    const { namespace, commands, installation } = arriving;
    const count = commands.filter(waitsToBeIndexed).length;
    if (count === 0) return append();
    if (this.#isKnown && this.#waiting(namespace) > this.#options.max) {
      this.#options.onRefused();
      throw new RequestRefused(
        'overloaded',
        `the namespace has more than ${this.#options.max} memories that wait to be indexed; try again`,
      );
    }
    this.#change(namespace, count);
    try {
      const results = await append();
      for (const result of results) {
        if (!result.ok || result.topic !== TOPICS.memoryCommands) continue;
        this.#unwritten.add(namespace, { ...result, generation: installation.generation });
      }
      return results;
    } finally {
      this.#change(namespace, -count);
      if (this.#unwritten.appendedInRound > this.#options.max / 4) this.#lookSooner();
    }
  }

  #change(namespace: string, by: number): void {
    const commands = (this.#entering.get(namespace) ?? 0) + by;
    if (commands > 0) this.#entering.set(namespace, commands);
    else this.#entering.delete(namespace);
  }

  get #isKnown(): boolean {
    return performance.now() - this.#answeredAt < this.#options.keepMs;
  }

  #waiting(namespace: string): number {
    return (
      (this.#unindexed.get(namespace) ?? 0) +
      this.#unwritten.count(namespace) +
      (this.#entering.get(namespace) ?? 0)
    );
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#ask();
      await this.#pause(signal);
    }
  }

  /** The writer's progress first: what it writes in between is counted twice until the next look, never left out. */
  async #ask(): Promise<void> {
    const { ledger, max, logger } = this.#options;
    this.#unwritten.nextRound();
    try {
      const progress = await ledger.progress();
      const found = await ledger.backlog({ scan: max * SCAN_FACTOR, namespaces: MAX_NAMESPACES });
      this.#unwritten.passed(progress);
      this.#unindexed = new Map(found.map(({ namespace, memories }) => [namespace, memories]));
      this.#answeredAt = performance.now();
    } catch (error) {
      logger.debug({ err: error }, 'the store did not say what waits to be indexed');
    }
  }

  /** Until the next look, which comes sooner when much is appended. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { intervalMs } = this.#options;
    const sooner = new AbortController();
    this.#lookSooner = () => {
      sooner.abort();
    };
    const either = AbortSignal.any([signal, sooner.signal]);
    const ended = () => undefined;
    await sleep(Math.min(LEAST_INTERVAL_MS, intervalMs), undefined, { signal }).catch(ended);
    await sleep(Math.max(0, intervalMs - LEAST_INTERVAL_MS), undefined, { signal: either }).catch(ended);
  }
}

/** Links are in no index, and what erases is let through whatever waits. */
function waitsToBeIndexed(command: Command): boolean {
  if (command.type === 'LinkMemories' || command.type === 'UnlinkMemories') return false;
  return command.type !== 'DeleteMemory' || !command.erase;
}
