import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@soma/events';
import { backoffMs } from '@soma/service';
import type pg from 'pg';
import type { AssignedPartition, PartitionSource } from '../consuming/assigned-partition.js';
import { AssignedPartitions } from '../consuming/assigned-partitions.js';
import { CommitBuffer } from '../consuming/commit-buffer.js';
import type { Logger } from '../log-options.js';
import type { Consumer, LogRecord, Subscription, TopicPartition } from '../port.js';
import { commitOffsets, readOffsets } from './group-offsets.js';
import { Membership } from './membership.js';
import { readBounds, readRecords } from './read.js';
import { orUnavailable } from './unavailable.js';

/** Notifications only wake; whatever they miss is found by looking this often. */
const POLL_MS = 1_000;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** Most that one read brings of all partitions together, but always one record of each. */
const MAX_READ_BYTES = 32 * 1024 * 1024;

export interface PostgresConsumerOptions {
  pool: pg.Pool;
  url: string;
  logger: Logger;
  subscription: Subscription;
  memberTimeoutMs: number;
  /** Names this process; what it appends itself wakes its consumers without Postgres. */
  origin: string;
  partitions: (topic: Topic) => number;
  onEnded: (consumer: PostgresConsumer) => void;
}

/** One member of a group: a loop that reads all assigned partitions in one query and hands each its records. */
export class PostgresConsumer implements Consumer, PartitionSource {
  readonly subscription: Subscription;
  readonly logger: Logger;
  readonly #options: PostgresConsumerOptions;
  readonly #membership: Membership;
  readonly #commits: CommitBuffer;
  readonly #partitions: AssignedPartitions;
  #woken = new AbortController();
  #stopped = false;
  #ended = false;
  #loop: Promise<void> = Promise.resolve();
  #aliveAt = performance.now();

  constructor(options: PostgresConsumerOptions) {
    this.#options = options;
    this.subscription = options.subscription;
    this.logger = options.logger;
    this.#partitions = new AssignedPartitions(this);
    const { group } = options.subscription;
    this.#commits = new CommitBuffer(
      (commits) => commitOffsets(options.pool, group, commits),
      options.logger,
    );
    this.#membership = new Membership({
      ...options,
      group,
      memberId: randomUUID(),
      topics: options.subscription.topics,
      gained: (of) => {
        if (!this.#stopped) this.#partitions.add(of);
      },
      lost: (of) => this.#lose(of),
      appended: (origin) => {
        if (origin !== options.origin) this.wake();
      },
      alive: () => this.alive(),
    });
  }

  start(): void {
    this.#membership.start();
    this.#loop = this.#read();
  }

  /** There may be something to read. */
  wake(): void {
    this.#woken.abort();
  }

  assigned(): TopicPartition[] {
    return this.#partitions.list();
  }

  lag(): Promise<(TopicPartition & { lag: number })[]> {
    return this.#partitions.lag((topic) => orUnavailable(readBounds(this.#options.pool, topic)));
  }

  reassign({ topic, partition }: TopicPartition): void {
    this.#partitions.get(topic, partition)?.reopen();
  }

  idleMs(): number {
    return Math.round(performance.now() - this.#aliveAt);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#partitions.close('stopped');
    await this.#end();
  }

  committed({ topic, partition }: TopicPartition): Promise<number | undefined> {
    return readOffsets(this.#options.pool, this.subscription.group, topic).then((offsets) =>
      offsets.get(partition),
    );
  }

  read(): void {
    this.wake();
  }

  pause(): void {
    // A partition that is not reading is not asked for.
  }

  commit(of: TopicPartition, position: number): void {
    this.#commits.add(of, position);
  }

  heartbeat(): Promise<void> {
    // The membership beats by itself.
    return Promise.resolve();
  }

  alive(): void {
    this.#aliveAt = performance.now();
  }

  crash(error: Error): void {
    if (this.#stopped) return;
    this.#stopped = true;
    void this.#partitions.close('crashed');
    void this.#end();
    this.subscription.onCrash(error);
  }

  async #end(): Promise<void> {
    this.wake();
    await this.#loop;
    await this.#commits.flush();
    await this.#membership.stop();
    if (!this.#ended) this.#options.onEnded(this);
    this.#ended = true;
  }

  async #lose(of: TopicPartition): Promise<void> {
    await this.#partitions.revoke(of);
    await this.#commits.flush();
  }

  async #read(): Promise<void> {
    for (let failures = 0; !this.#stopped;) {
      this.alive();
      this.#woken = new AbortController();
      try {
        await this.#readOnce();
        failures = 0;
        await delay(POLL_MS, undefined, { signal: this.#woken.signal }).catch(() => undefined);
      } catch (error) {
        this.logger.warn({ group: this.subscription.group, err: error }, 'cannot read the event log');
        await delay(backoffMs(failures, { minMs: 100, maxMs: 5_000 }));
        failures += 1;
      }
    }
  }

  async #readOnce(): Promise<void> {
    const reading = [...this.#partitions].filter((partition) => partition.isReading());
    if (reading.length === 0) return;
    const { maxBytes = DEFAULT_MAX_BYTES, maxRecords = 1_000 } = this.subscription;
    const bytes = Math.min(maxBytes, Math.floor(MAX_READ_BYTES / reading.length));
    const found = await readRecords(this.#options.pool, reading, maxRecords, bytes);
    for (const partition of reading) {
      const read = found.get(`${partition.topic}/${partition.partition}`);
      if (read !== undefined) this.#hand(partition, read.start, read.records);
    }
  }

  #hand(partition: AssignedPartition, start: number, records: LogRecord[]): void {
    if (start > partition.position && !partition.untouched) {
      // Retention passed the reader: its owner has to say what that means.
      partition.reopen();
      return;
    }
    void partition.deliver(records).then(() => this.wake());
  }
}
