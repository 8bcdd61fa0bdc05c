import { randomUUID } from 'node:crypto';
import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { Periodic } from '@soma/service';
import { unobserved } from '../log-options.js';
import type {
  AppendResult,
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  PartitionBounds,
  Subscription,
} from '../port.js';
import { Appender } from './appender.js';
import type { PostgresLogConfig } from './config.js';
import { PostgresConsumer } from './consumer.js';
import { createPartitions } from './create-partitions.js';
import { readOffsets } from './group-offsets.js';
import { readBounds, readRecord } from './read.js';
import { scanPartition } from './scan.js';
import { keepRetention } from './retention.js';
import { orUnavailable } from './unavailable.js';

export type { PostgresLogConfig } from './config.js';
export { removeExpired } from './retention.js';

/** The event log in tables of a migrated Postgres: what standalone runs on. */
export function createPostgresLog(config: PostgresLogConfig): EventLog {
  return new PostgresLog(config);
}

class PostgresLog implements EventLog {
  readonly #config: PostgresLogConfig;
  readonly #partitions: number;
  readonly #origin = randomUUID();
  readonly #appender: Appender;
  readonly #retention: Periodic;
  readonly #consumers = new Set<PostgresConsumer>();

  constructor(config: PostgresLogConfig) {
    const { pool, logger, partitions = 24, retentionMs = {}, retentionIntervalMs = 60_000 } = config;
    this.#config = config;
    this.#partitions = partitions;
    this.#retention = keepRetention({
      pool,
      logger,
      partitions,
      retentionMs,
      intervalMs: retentionIntervalMs,
    });
    this.#appender = new Appender({
      pool,
      origin: this.#origin,
      limits: config.buffer ?? {},
      observer: config.observer ?? unobserved,
      partitions: () => partitions,
      onAppended: () => {
        for (const consumer of this.#consumers) consumer.wake();
      },
    });
  }

  async start(): Promise<void> {
    await orUnavailable(createPartitions(this.#config.pool, this.#partitions));
    void this.#retention.start();
  }

  append(records: NewRecord[], options: { timeoutMs?: number } = {}): Promise<AppendResult[]> {
    return this.#appender.append(records, options.timeoutMs);
  }

  consume(subscription: Subscription): Promise<Consumer> {
    const consumer = new PostgresConsumer({
      pool: this.#config.pool,
      url: this.#config.url,
      logger: this.#config.logger,
      memberTimeoutMs: this.#config.memberTimeoutMs ?? 5_000,
      subscription,
      origin: this.#origin,
      partitions: () => this.#partitions,
      onEnded: (ended) => this.#consumers.delete(ended),
    });
    this.#consumers.add(consumer);
    consumer.start();
    return Promise.resolve(consumer);
  }

  partitions(): number {
    return this.#partitions;
  }

  bounds(topic: Topic): Promise<PartitionBounds[]> {
    return orUnavailable(readBounds(this.#config.pool, topic));
  }

  read(topic: Topic, partition: number, position: number): Promise<LogRecord | undefined> {
    return orUnavailable(readRecord(this.#config.pool, topic, partition, position));
  }

  scan(topic: Topic, range: PartitionBounds): AsyncIterable<LogRecord[]> {
    return scanPartition(this.#config.pool, topic, range);
  }

  committed(group: string, topic: Topic): Promise<Map<number, number>> {
    return orUnavailable(readOffsets(this.#config.pool, group, topic));
  }

  async ping(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SomaError('event_log_unavailable', `Postgres did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
    });
    try {
      await Promise.race([orUnavailable(this.#config.pool.query('select 1')), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await Promise.all([this.#appender.close(), this.#retention.stop()]);
  }
}
