import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { Consumer as KafkaJsConsumer, EachBatchPayload } from 'kafkajs';
import type { AssignedPartition, PartitionSource } from '../consuming/assigned-partition.js';
import { AssignedPartitions } from '../consuming/assigned-partitions.js';
import type { Logger } from '../log-options.js';
import type { Consumer, EventLog, Subscription, TopicPartition } from '../port.js';
import { isNext, type Reading } from './following.js';
import { GroupOffsets } from './group-offsets.js';
import { createConsumer, followMembership, type MemberOptions } from './kafkajs-consumer.js';
import { toRecord } from './records.js';
import { Rejoining } from './rejoining.js';
import { inTime } from './step-out.js';
import { isCoordinatorMissing } from './unavailable.js';
import { whileSpreading } from './spreading.js';

/** The last commit of a consumer that stops is a hint, not worth more waiting. */
const LAST_COMMIT_MS = 3_000;

export interface KafkaConsumerOptions extends MemberOptions {
  log: Pick<EventLog, 'bounds' | 'committed'>;
  logger: Logger;
  /** Of all topics of the subscription together. */
  partitions: number;
  nameOf: (topic: Topic) => string;
  onEnded: (consumer: KafkaConsumer) => void;
}

/**
 * One member of a consumer group. kafkajs fetches and belongs to the group; where to read, and what is handed over,
 * is decided here, because kafkajs silently jumps to the log's start when a position is out of range.
 */
export class KafkaConsumer implements Consumer, PartitionSource {
  readonly subscription: Subscription;
  readonly logger: Logger;
  readonly #options: KafkaConsumerOptions;
  readonly #consumer: KafkaJsConsumer;
  readonly #offsets: GroupOffsets;
  readonly #topics: Map<string, Topic>;
  readonly #partitions: AssignedPartitions;
  readonly #reading: Reading;
  readonly #rejoining: Rejoining;
  #beat: () => Promise<void> = () => Promise.resolve();
  readonly #stopping = new AbortController();
  #ended: Promise<void> | undefined;
  #aliveAt = performance.now();

  constructor(options: KafkaConsumerOptions) {
    const { subscription, logger, nameOf } = options;
    this.#options = options;
    this.subscription = subscription;
    this.logger = logger;
    this.#partitions = new AssignedPartitions(this);
    this.#reading = { log: options.log, logger, readAgain: (partition) => this.read(partition) };
    this.#topics = new Map(subscription.topics.map((topic) => [nameOf(topic), topic]));
    this.#consumer = createConsumer(options);
    const { group } = subscription;
    this.#rejoining = new Rejoining({
      group,
      logger,
      patienceMs: options.sessionTimeoutMs + options.rebalanceTimeoutMs,
      stop: () => this.#consumer.stop(),
      run: async () => {
        await this.#consumer.connect();
        await this.#run();
      },
      signal: this.#stopping.signal,
    });
    const onUnknown = (): void => this.#rejoining.unknown();
    const { log } = options;
    this.#offsets = new GroupOffsets({ consumer: this.#consumer, group, log, logger, nameOf, onUnknown });
  }

  async start(): Promise<void> {
    followMembership(this.#consumer, {
      alive: () => this.alive(),
      // Taken by the coordinator until the partitions are shared out anew.
      rebalancing: () => void this.#offsets.flush(),
      assigned: (assignment) => this.#assign(assignment),
      crashed: (error, restarts) => this.#crashed(error, restarts),
    });
    await this.#consumer.connect();
    const topics = [...this.#topics.keys()];
    await whileSpreading(() => this.#consumer.subscribe({ topics, fromBeginning: true }));
    await this.#run();
  }

  async #run(): Promise<void> {
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#options.partitions,
      eachBatch: (payload) => this.#takeBatch(payload),
    });
  }

  assigned(): TopicPartition[] {
    return this.#partitions.list();
  }

  lag(): Promise<(TopicPartition & { lag: number })[]> {
    return this.#partitions.lag((topic) => this.#options.log.bounds(topic));
  }

  reassign({ topic, partition }: TopicPartition): void {
    this.#partitions.get(topic, partition)?.reopen();
  }

  idleMs(): number {
    return Math.round(performance.now() - this.#aliveAt);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#partitions.close('stopped');
    await this.#end();
  }

  committed(of: TopicPartition): Promise<number | undefined> {
    return this.#offsets.committed(of);
  }

  read(partition: AssignedPartition): void {
    const topic = this.#options.nameOf(partition.topic);
    this.#tellMember(() => {
      this.#consumer.seek({ topic, partition: partition.partition, offset: String(partition.position) });
      this.#consumer.resume([{ topic, partitions: [partition.partition] }]);
    });
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#tellMember(() => {
      this.#consumer.pause([{ topic: this.#options.nameOf(topic), partitions: [partition] }]);
    });
  }

  /** Between a crash and the next membership kafkajs takes no orders; the next assignment gives them anew. */
  #tellMember(order: () => void): void {
    try {
      order();
    } catch (error) {
      this.logger.debug({ group: this.subscription.group, err: error }, 'the consumer is no member just now');
    }
  }

  commit(of: TopicPartition, position: number): void {
    this.#offsets.commit(of, position);
  }

  /** A rebalance that the beat hears of is carried out by the fetch loop, which hears of it too. */
  async heartbeat(): Promise<void> {
    await this.#beat().catch(() => undefined);
  }

  alive(): void {
    this.#aliveAt = performance.now();
  }

  crash(error: Error): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    void this.#partitions.close('crashed');
    void this.#end();
    this.subscription.onCrash(error);
  }

  #end(): Promise<void> {
    this.#ended ??= this.#leave();
    return this.#ended;
  }

  async #leave(): Promise<void> {
    const given = new AbortController();
    await Promise.race([
      this.#offsets.flush(),
      delay(LAST_COMMIT_MS, undefined, { signal: given.signal }).catch(() => undefined),
    ]);
    given.abort();
    await this.#rejoining.ended();
    await this.#consumer.disconnect().catch((error: unknown) => {
      this.logger.warn(
        { group: this.subscription.group, err: error },
        'a consumer could not leave its group in order',
      );
    });
    this.#options.onEnded(this);
  }

  #crashed(error: Error, restarts: boolean): void {
    this.#revokeAll();
    if (!restarts && !isCoordinatorMissing(error)) {
      this.crash(new SomaError('event_log_unavailable', 'kafkajs gave up consuming', { cause: error }));
      return;
    }
    this.logger.warn({ group: this.subscription.group, err: error }, 'a consumer begins anew');
    if (!restarts) this.#rejoining.beginAnew();
  }

  /**
   * Each assignment is a new world, even for a partition that comes back: another may have had it in between. Runs
   * before kafkajs fetches anything, which it then does only of partitions whose beginning is known.
   */
  #assign(assignment: Record<string, number[]>): void {
    this.#revokeAll();
    this.#rejoining.joined();
    if (this.#stopping.signal.aborted) return;
    this.#offsets.askAgain();
    for (const [name, partitions] of Object.entries(assignment)) {
      const topic = this.#topics.get(name);
      if (topic === undefined) continue;
      for (const partition of partitions) this.#partitions.add({ topic, partition });
    }
  }

  #revokeAll(): void {
    for (const partition of [...this.#partitions]) {
      this.#offsets.forget(partition);
      void this.#partitions.revoke(partition);
    }
  }

  async #takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const topic = this.#topics.get(batch.topic);
    const partition = topic && this.#partitions.get(topic, batch.partition);
    if (topic === undefined || partition === undefined || !partition.isReading() || payload.isStale()) return;
    this.#beat = () => payload.heartbeat();
    if (!(await isNext(partition, Number(batch.firstOffset()), this.#reading))) return;
    const records = batch.messages.map((message) => toRecord(topic, batch.partition, message));
    const delivered = partition.deliver(records.filter(({ position }) => position >= partition.position));
    const last = batch.lastOffset();
    if (await inTime(delivered)) {
      if (partition.isReading() && partition.position === Number(last) + 1) payload.resolveOffset(last);
      else if (partition.isReading()) this.read(partition);
      return;
    }
    if (partition.isClosed()) return;
    this.pause(partition);
    void delivered.then(() => {
      if (partition.isReading()) this.read(partition);
    });
  }
}
