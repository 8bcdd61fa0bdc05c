import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { GroupProgress, Ledger } from './port.js';
import type { Positions } from './positions.js';

/** Where a group has to be in each of these partitions. */
export interface ProgressRequirement {
  group: string;
  topic: Topic;
  /** `command_position`: of a group that reads memory.events, how far its projection of the commands is. */
  of: 'position' | 'command_position';
  generation: number;
  positions: Positions;
}

export interface ProgressWatchOptions {
  ledger: Pick<Ledger, 'progress'>;
  /** Milliseconds between polls while somebody waits. */
  intervalMs?: number;
  /** Most waiters at once; more are refused with overloaded. */
  maxWaiters?: number;
}

interface Waiter {
  requirement: ProgressRequirement;
  /** What the newest poll since it came ended in. */
  lastPoll: 'none' | 'answered' | 'failed';
  /** Its time is over, and no poll has ended since it came: the next is made at once and decides. */
  overdue: boolean;
  timer: NodeJS.Timeout;
  settle(outcome: boolean | SomaError): void;
}

/** A ledger that is this late has not answered. Only for waiters whose own time is over before their first poll. */
const FIRST_POLL_GRACE_MS = 1000;

/**
 * Waits for consumer groups, for everybody in the process with one poll: none while nobody waits, one at a time,
 * and the next only `intervalMs` after the last.
 */
export class ProgressWatch {
  readonly #ledger: Pick<Ledger, 'progress'>;
  readonly #intervalMs: number;
  readonly #maxWaiters: number;
  readonly #waiters = new Set<Waiter>();
  #pause: NodeJS.Timeout | undefined;
  #polling = false;
  #closed = false;

  constructor({ ledger, intervalMs = 15, maxWaiters = 20_000 }: ProgressWatchOptions) {
    this.#ledger = ledger;
    this.#intervalMs = intervalMs;
    this.#maxWaiters = maxWaiters;
  }

  /**
   * True once the group is there (a newer generation is beyond every position of an older one); false when
   * `timeoutMs` is over, on abort and after close. The ledger is asked at least once, even with no time at all.
   * @throws SomaError store_unavailable at the deadline when the ledger did not answer; overloaded.
   */
  reached(requirement: ProgressRequirement, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#closed || signal?.aborted === true) return Promise.resolve(false);
    if (this.#waiters.size >= this.#maxWaiters) {
      return Promise.reject(new SomaError('overloaded', 'too many requests wait for consumer groups'));
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiter.settle(false);
      };
      const waiter: Waiter = {
        requirement,
        lastPoll: 'none',
        overdue: false,
        timer: setTimeout(() => {
          this.#onDeadline(waiter);
        }, timeoutMs),
        settle: (outcome) => {
          this.#waiters.delete(waiter);
          clearTimeout(waiter.timer);
          signal?.removeEventListener('abort', onAbort);
          if (typeof outcome === 'boolean') resolve(outcome);
          else reject(outcome);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      if (!this.#polling && this.#pause === undefined) void this.#poll();
    });
  }

  /** Everybody still waiting hears false; nothing is polled any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#pause);
    for (const waiter of [...this.#waiters]) waiter.settle(false);
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    this.#pause = undefined;
    // Who comes while the question is out waits for the next: this answer may be older than their write.
    const asking = [...this.#waiters];
    const progress = await this.#ledger.progress().then(byPartition, () => undefined);
    this.#polling = false;
    for (const waiter of asking) this.#onPoll(waiter, progress);
    if (this.#waiters.size === 0 || this.#closed) return;
    const overdue = [...this.#waiters].some((waiter) => waiter.overdue);
    this.#pause = setTimeout(() => void this.#poll(), overdue ? 0 : this.#intervalMs);
  }

  #onPoll(waiter: Waiter, progress: Map<string, GroupProgress> | undefined): void {
    if (!this.#waiters.has(waiter)) return;
    waiter.lastPoll = progress === undefined ? 'failed' : 'answered';
    if (progress !== undefined && isMet(waiter.requirement, progress)) waiter.settle(true);
    else if (waiter.overdue) this.#onDeadline(waiter);
  }

  #onDeadline(waiter: Waiter): void {
    if (waiter.lastPoll !== 'none' || waiter.overdue) {
      waiter.settle(waiter.lastPoll === 'answered' ? false : unanswered());
    } else {
      waiter.overdue = true;
      waiter.timer = setTimeout(() => {
        this.#onDeadline(waiter);
      }, FIRST_POLL_GRACE_MS);
      if (this.#pause === undefined) return;
      clearTimeout(this.#pause);
      void this.#poll();
    }
  }
}

function unanswered(): SomaError {
  return new SomaError('store_unavailable', 'the ledger did not say where the consumer groups are');
}

function byPartition(progress: GroupProgress[]): Map<string, GroupProgress> {
  return new Map(progress.map((row) => [`${row.group} ${row.topic} ${row.partition}`, row]));
}

function isMet(requirement: ProgressRequirement, progress: Map<string, GroupProgress>): boolean {
  const { group, topic, of, generation, positions } = requirement;
  return Object.entries(positions).every(([partition, position]) => {
    const row = progress.get(`${group} ${topic} ${partition}`);
    if (row === undefined || row.generation < generation) return false;
    return row.generation > generation || row[of] >= position;
  });
}
