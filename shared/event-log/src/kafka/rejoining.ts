import { setTimeout as delay } from 'node:timers/promises';
import { retryUntilDone } from '@soma/service';
import type { Logger } from '../log-options.js';

export interface RejoiningOptions {
  group: string;
  logger: Logger;
  /** How long kafkajs may take to join again by itself, milliseconds. */
  patienceMs: number;
  stop: () => Promise<void>;
  /** Connects and runs; kafkajs then joins as a new member. */
  run: () => Promise<void>;
  /** The consumer stops for good. */
  signal: AbortSignal;
}

/**
 * How a member comes back that kafkajs does not bring back. It tells the coordinator that a member is there when the
 * wall clock says that it is time: set back by an hour, it keeps silent for that hour, the group forgets the member,
 * and only a commit hears of it.
 */
export class Rejoining {
  readonly #options: RejoiningOptions;
  #joins = 0;
  #waiting = false;
  #under: Promise<void> = Promise.resolve();

  constructor(options: RejoiningOptions) {
    this.#options = options;
  }

  /** The group knows this member. */
  joined(): void {
    this.#joins += 1;
  }

  /** The group does not know this member, and nobody may be about to join again. */
  unknown(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#under = this.#unlessJoined(this.#joins).finally(() => {
      this.#waiting = false;
    });
  }

  /** What kafkajs does itself after the errors that it takes for passing ones. */
  beginAnew(): void {
    this.#under = this.#begin();
  }

  /** Over with what is under way. */
  async ended(): Promise<void> {
    await this.#under;
  }

  async #unlessJoined(joins: number): Promise<void> {
    const { patienceMs, signal, stop, logger, group } = this.#options;
    await delay(patienceMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || this.#joins !== joins) return;
    logger.warn({ group }, 'the group no longer knows this member; it joins again');
    await stop().catch(() => undefined);
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const { run, signal, logger, group } = this.#options;
    await retryUntilDone(run, {
      signal,
      onFailure: (error) => {
        logger.warn({ group, err: error }, 'a consumer cannot begin anew yet');
      },
    }).catch(() => undefined);
  }
}
