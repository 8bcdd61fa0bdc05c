import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import { backoffMs } from '@soma/service';
import type { Logger } from '../log-options.js';
import type { BatchVerdict, LogRecord, Subscription, TopicPartition } from '../port.js';

/** What an adapter does for the partitions of one of its consumers. */
export interface PartitionSource {
  readonly subscription: Subscription;
  readonly logger: Logger;
  committed(of: TopicPartition): Promise<number | undefined>;
  /** Fetch from `partition.position` on and hand what comes to `partition.deliver`. */
  read(partition: AssignedPartition): void;
  /** Fetch nothing of it until `read`. */
  pause(partition: AssignedPartition): void;
  commit(of: TopicPartition, position: number): void;
  heartbeat(): Promise<void>;
  /** The loop is alive: it has just tried something. */
  alive(): void;
  crash(error: Error): void;
}

type State = 'asking' | 'reading' | 'delivering' | 'waiting' | 'halted' | 'stopping' | 'closed';

/**
 * One partition from its assignment to its revocation: asks where to begin, hands out batches one at a time, and
 * carries out the verdicts. An assignment that follows another is a new object, opened once the old one has settled.
 */
export class AssignedPartition implements TopicPartition {
  readonly topic: Topic;
  readonly partition: number;
  /** The next position to hand out. */
  position = 0;
  /** Nothing was handed out since the position was last asked for. */
  untouched = true;
  readonly #source: PartitionSource;
  readonly #abort = new AbortController();
  #state: State = 'asking';
  #running: Promise<void> = Promise.resolve();

  constructor(source: PartitionSource, of: TopicPartition) {
    this.#source = source;
    this.topic = of.topic;
    this.partition = of.partition;
  }

  isReading(): boolean {
    return this.#state === 'reading';
  }

  isClosed(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Nothing of this partition runs any more in the caller's code. */
  settled(): Promise<void> {
    return this.#running;
  }

  /** Asks where to begin once `before` is over, again and again until there is an answer. */
  open(before: Promise<void> = Promise.resolve()): void {
    this.#state = 'asking';
    this.#running = before.then(() => this.#ask());
  }

  /** Asks again where to begin, because what it was told holds no more. */
  reopen(delayMs = backoffMs(2, { minMs: 250, maxMs: 1_000 })): void {
    if (this.isClosed() || this.#state === 'asking') return;
    this.#source.pause(this);
    this.#tellRevoked();
    this.open(this.#running.then(() => this.#sleep(delayMs)));
  }

  /** Hands out `records`, which begin at or after `position`; resolves when they are used up or given up. */
  deliver(records: LogRecord[]): Promise<void> {
    if (this.#state !== 'reading') return Promise.resolve();
    this.#state = 'delivering';
    this.#running = this.#deliverAll(records);
    return this.#running;
  }

  /**
   * `revoked`: what a running batch decides no longer counts. `stopped`: it still does. `crashed`: nothing does, and
   * the subscriber hears of the crash instead of a revocation.
   */
  close(why: 'revoked' | 'stopped' | 'crashed'): void {
    if (this.isClosed()) return;
    this.#state = why === 'stopped' && this.#state === 'delivering' ? 'stopping' : 'closed';
    this.#abort.abort();
    if (why === 'revoked') this.#tellRevoked();
    if (why === 'stopped') this.#running = this.#running.then(() => this.#tellRevoked());
  }

  async #ask(): Promise<void> {
    const { topic, partition } = this;
    for (let attempt = 0; !this.isClosed(); attempt += 1) {
      this.#source.alive();
      try {
        const committed = await this.#source.committed(this);
        const position = await this.#source.subscription.onAssigned({ topic, partition, committed });
        if (this.isClosed()) return;
        this.position = position;
        this.untouched = true;
        // What was done before and could not be committed then: whoever looks at the group's lag would wait for it.
        if (position > (committed ?? 0)) this.#source.commit(this, position);
        this.#read();
        return;
      } catch (error) {
        this.#source.logger.warn(
          { topic, partition, attempt, err: error },
          'cannot begin to read a partition yet',
        );
        await this.#sleep(backoffMs(attempt, { minMs: 200, maxMs: 10_000 }));
      }
    }
  }

  async #deliverAll(records: LogRecord[]): Promise<void> {
    const most = this.#source.subscription.maxRecords ?? 1_000;
    let rest = records;
    while (rest.length > 0 && this.#state === 'delivering') {
      this.untouched = false;
      const verdict = await this.#hand(rest.slice(0, most));
      if (verdict === undefined) return;
      rest = this.#carryOut(verdict, rest);
    }
    if (this.#state === 'delivering') this.#state = 'reading';
    else if (this.#state === 'stopping') this.#state = 'closed';
  }

  async #hand(records: LogRecord[]): Promise<BatchVerdict | undefined> {
    const { topic, partition } = this;
    try {
      return await this.#source.subscription.onBatch({
        topic,
        partition,
        records,
        signal: this.#abort.signal,
        heartbeat: () => this.#heartbeat(),
      });
    } catch (error) {
      this.#crash(error);
      return undefined;
    }
  }

  #tellRevoked(): void {
    const { topic, partition } = this;
    try {
      this.#source.subscription.onRevoked({ topic, partition });
    } catch (error) {
      this.#crash(error);
    }
  }

  #crash(error: unknown): void {
    this.close('crashed');
    this.#source.crash(
      error instanceof Error ? error : new Error('the subscriber threw no Error', { cause: error }),
    );
  }

  /** Returns what is left to hand out of `records`. */
  #carryOut(verdict: BatchVerdict, records: LogRecord[]): LogRecord[] {
    if (this.#state === 'closed') return [];
    if (verdict.next === 'advance') {
      const first = records[0]?.position ?? 0;
      this.position = verdict.position;
      this.#source.commit(this, verdict.position);
      return verdict.position < first ? [] : records.filter(({ position }) => position >= verdict.position);
    }
    if (this.#state === 'stopping') return [];
    this.#source.pause(this);
    if (verdict.next === 'halt') {
      this.#state = 'halted';
      return [];
    }
    if (verdict.next === 'reassign') {
      this.reopen(verdict.delayMs);
      return [];
    }
    this.position = verdict.position;
    this.#state = 'waiting';
    void this.#sleep(verdict.delayMs).then(() => {
      if (this.#state === 'waiting') this.#read();
    });
    return [];
  }

  #read(): void {
    this.#source.alive();
    this.#state = 'reading';
    this.#source.read(this);
  }

  async #heartbeat(): Promise<void> {
    this.#source.alive();
    if (this.isClosed()) {
      throw new SomaError(
        'ownership_lost',
        `${this.topic}/${this.partition} is no longer assigned to this consumer`,
      );
    }
    await this.#source.heartbeat();
  }

  /** Cut short when the partition is closed. */
  async #sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined);
  }
}
