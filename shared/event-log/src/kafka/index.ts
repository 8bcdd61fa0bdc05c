import { type Topic, TOPICS } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { Cluster } from 'kafkajs';
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
import { KafkaAppender } from './appender.js';
import { AskingAdmin } from './asking-admin.js';
import { createClient, type Client } from './client.js';
import type { KafkaLogConfig } from './config.js';
import { KafkaConsumer } from './consumer.js';
import { Leaders, openCluster } from './leaders.js';
import { readRecord } from './read.js';
import { scanPartition } from './scan.js';
import { createTopics } from './topics.js';
import { orUnavailable, unavailable } from './unavailable.js';

export type { KafkaLogConfig } from './config.js';
export type { OAuthLogin } from './oauth-token.js';

/** The event log in Kafka. Nothing connects before `start`. */
export function createKafkaLog(config: KafkaLogConfig): EventLog {
  return new KafkaLog(config);
}

class KafkaLog implements EventLog {
  readonly #config: KafkaLogConfig;
  readonly #partitions: number;
  readonly #client: Client;
  readonly #admin: AskingAdmin;
  /** One cluster for appends and one for reads, so that neither waits behind the other on a connection. */
  readonly #clusters: { appends: Cluster; reads: Cluster };
  readonly #leaders: { appends: Leaders; reads: Leaders };
  readonly #appender: KafkaAppender;
  readonly #consumers = new Set<KafkaConsumer>();

  constructor(config: KafkaLogConfig) {
    this.#config = config;
    this.#partitions = config.partitions ?? 24;
    this.#client = createClient(config);
    this.#admin = new AskingAdmin(this.#client);
    this.#clusters = { appends: openCluster(this.#client), reads: openCluster(this.#client) };
    const names = Object.values(TOPICS).map((topic) => this.#nameOf(topic));
    this.#leaders = {
      appends: new Leaders(this.#clusters.appends, names),
      reads: new Leaders(this.#clusters.reads, names),
    };
    this.#appender = new KafkaAppender({
      leaders: this.#leaders.appends,
      limits: config.buffer ?? {},
      observer: config.observer ?? unobserved,
      partitions: () => this.#partitions,
      nameOf: (topic) => this.#nameOf(topic),
    });
  }

  async start(): Promise<void> {
    const { singleBroker = false, replication, minInsyncReplicas } = this.#config;
    await this.#admin.ask((admin) =>
      createTopics(admin, {
        partitions: this.#partitions,
        replication: replication ?? (singleBroker ? 1 : 3),
        minInsyncReplicas: minInsyncReplicas ?? (singleBroker ? 1 : 2),
        nameOf: (topic) => this.#nameOf(topic),
      }),
    );
    await orUnavailable(Promise.all([this.#leaders.appends.start(), this.#leaders.reads.start()]));
  }

  append(records: NewRecord[], options: { timeoutMs?: number } = {}): Promise<AppendResult[]> {
    return this.#appender.append(records, options.timeoutMs);
  }

  async consume(subscription: Subscription): Promise<Consumer> {
    const consumer = new KafkaConsumer({
      client: this.#client,
      log: this,
      logger: this.#config.logger,
      subscription,
      groupId: this.#groupId(subscription.group),
      sessionTimeoutMs: this.#config.sessionTimeoutMs ?? 10_000,
      rebalanceTimeoutMs: this.#config.rebalanceTimeoutMs ?? 15_000,
      partitions: this.#partitions * subscription.topics.length,
      nameOf: (topic) => this.#nameOf(topic),
      onEnded: (ended) => this.#consumers.delete(ended),
    });
    this.#consumers.add(consumer);
    try {
      await consumer.start();
      return consumer;
    } catch (error) {
      await consumer.stop();
      throw unavailable(error);
    }
  }

  partitions(): number {
    return this.#partitions;
  }

  async bounds(topic: Topic): Promise<PartitionBounds[]> {
    const offsets = await this.#admin.ask((admin) => admin.fetchTopicOffsets(this.#nameOf(topic)));
    return offsets
      .map(({ partition, low, high }) => ({ partition, start: Number(low), end: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  read(topic: Topic, partition: number, position: number): Promise<LogRecord | undefined> {
    return readRecord(this.#leaders.reads, this.#nameOf(topic), topic, partition, position);
  }

  scan(topic: Topic, range: PartitionBounds): AsyncIterable<LogRecord[]> {
    const { partition } = range;
    const startOf = async (): Promise<number> => {
      const bounds = await this.bounds(topic);
      return bounds.find((known) => known.partition === partition)?.start ?? range.end;
    };
    return scanPartition(this.#leaders.reads, this.#nameOf(topic), topic, range, startOf);
  }

  async committed(group: string, topic: Topic): Promise<Map<number, number>> {
    const request = { groupId: this.#groupId(group), topics: [this.#nameOf(topic)] };
    const found = await this.#admin.ask((admin) => admin.fetchOffsets(request));
    const offsets = found.flatMap(({ partitions }) => partitions);
    // Negative: none, or kafkajs's mark that it began at the log's start.
    return new Map(
      offsets
        .filter(({ offset }) => Number(offset) >= 0)
        .map(({ partition, offset }) => [partition, Number(offset)]),
    );
  }

  async ping(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SomaError('event_log_unavailable', `Kafka did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
    });
    try {
      await Promise.race([this.#admin.ask((admin) => admin.describeCluster()), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await this.#appender.close();
    const { appends, reads } = this.#clusters;
    await Promise.all([this.#admin.close(), appends.disconnect(), reads.disconnect()]);
  }

  #nameOf(topic: Topic): string {
    return `${this.#config.topicPrefix ?? ''}${topic}`;
  }

  #groupId(group: string): string {
    return `${this.#config.groupPrefix ?? ''}${group}`;
  }
}
