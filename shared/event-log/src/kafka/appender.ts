import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import { backoffMs } from '@soma/service';
import type { Broker } from 'kafkajs';
import { AppendBuffer } from '../appending/append-buffer.js';
import type { PartitionQueue } from '../appending/partition-queue.js';
import type { AppendObserver, BufferLimits } from '../log-options.js';
import type { AppendResult, NewRecord } from '../port.js';
import type { Leaders } from './leaders.js';
import { type Batch, isTooLarge, produce, refusalOf, sizeOf } from './produce.js';

/** Records are gathered for so long while their leader is busy with others; an idle leader gets them at once. */
const GATHER_MS = 2;
/** Most of one partition in one send: kafkajs makes one batch of it, and a batch over the limit fails whole. */
const MAX_RECORDS = 500;
const MAX_BYTES = 512 * 1024;
/** Most in one send. */
const MAX_SEND_BYTES = 8 * 1024 * 1024;
/** Sends under way to one leader; at most one of them has records of a given partition. */
const MAX_SENDS = 5;
const NO_LEADER = -1;

export interface KafkaAppenderOptions {
  leaders: Leaders;
  limits: BufferLimits;
  observer: AppendObserver;
  partitions: (topic: Topic) => number;
  nameOf: (topic: Topic) => string;
}

/**
 * Appends by leader: each leader's sends go their own way, so that one that is slow or dead delays nobody else's.
 * kafkajs's producer sends to all leaders and waits for all, hence its brokers are used directly.
 */
export class KafkaAppender {
  readonly #options: KafkaAppenderOptions;
  readonly #buffer: AppendBuffer;
  readonly #sending = new Set<PartitionQueue>();
  readonly #sends = new Map<number, number>();
  #gathering: NodeJS.Timeout | undefined;
  #dispatching: NodeJS.Immediate | undefined;
  #idle: (() => void) | undefined;

  constructor(options: KafkaAppenderOptions) {
    this.#options = options;
    this.#buffer = new AppendBuffer({
      limits: options.limits,
      observer: options.observer,
      partitions: options.partitions,
      onWaiting: (queue) => {
        this.#gather(queue);
      },
    });
  }

  append(records: NewRecord[], timeoutMs?: number): Promise<AppendResult[]> {
    return this.#buffer.append(records, timeoutMs);
  }

  /** Lets sends under way come to their end; what waits behind them is refused. */
  async close(): Promise<void> {
    this.#buffer.close();
    clearTimeout(this.#gathering);
    clearImmediate(this.#dispatching);
    if (this.#sending.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #gather(queue: PartitionQueue): void {
    if (this.#sending.has(queue)) return;
    const busy = (this.#sends.get(this.#leaderOf(queue) ?? NO_LEADER) ?? 0) > 0;
    if (busy && queue.length < MAX_RECORDS) this.#gathering ??= setTimeout(() => this.#dispatch(), GATHER_MS);
    // The rest of this turn of the event loop still joins.
    else this.#dispatching ??= setImmediate(() => this.#dispatch());
  }

  #leaderOf(queue: PartitionQueue): number | undefined {
    return this.#options.leaders.leaderOf(this.#options.nameOf(queue.topic), queue.partition);
  }

  /** Sends whatever waits to every leader that takes another send. */
  #dispatch(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#dispatching = undefined;
    const byLeader = new Map<number, PartitionQueue[]>();
    for (const queue of this.#buffer.queues()) {
      if (queue.length === 0 || this.#sending.has(queue)) continue;
      // A partition without a leader is sent alone, which waits for one.
      const leader = this.#leaderOf(queue);
      if (leader === undefined) this.#sendTo(NO_LEADER, [queue]);
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), queue]);
    }
    for (const [leader, queues] of byLeader) this.#sendTo(leader, queues);
  }

  #sendTo(leader: number, queues: PartitionQueue[]): void {
    for (let at = 0; at < queues.length && (this.#sends.get(leader) ?? 0) < MAX_SENDS;) {
      const batches: Batch[] = [];
      for (let bytes = 0; at < queues.length && bytes < MAX_SEND_BYTES; at += 1) {
        const queue = queues[at];
        const records = queue?.take(MAX_RECORDS, MAX_BYTES) ?? [];
        if (queue === undefined || records.length === 0) continue;
        batches.push({ queue, records });
        bytes += sizeOf(records);
      }
      if (batches.length > 0) void this.#send(leader, batches);
    }
  }

  async #send(leader: number, batches: Batch[]): Promise<void> {
    this.#sends.set(leader, (this.#sends.get(leader) ?? 0) + 1);
    for (const { queue } of batches) this.#sending.add(queue);
    try {
      if (leader === NO_LEADER) throw new SomaError('event_log_unavailable', 'the partition has no leader');
      await this.#produce(await this.#options.leaders.broker(leader), batches);
      for (const { queue } of batches) this.#sending.delete(queue);
    } catch (error) {
      // One partition's error stands for all of the send: each is tried again alone, to find its own.
      await Promise.all(batches.map((batch) => this.#sendAlone(batch, error)));
    } finally {
      this.#sends.set(leader, (this.#sends.get(leader) ?? 1) - 1);
      this.#dispatching ??= setImmediate(() => this.#dispatch());
      if (this.#sending.size === 0) this.#idle?.();
    }
  }

  async #sendAlone({ queue, records }: Batch, first: unknown): Promise<void> {
    await this.#persist({ queue, records }, first);
    this.#sending.delete(queue);
    this.#dispatching ??= setImmediate(() => this.#dispatch());
  }

  /** Tries the records of one partition until they are taken, refused, or nobody waits for them any more. */
  async #persist(batch: Batch, first: unknown): Promise<void> {
    const { leaders, nameOf } = this.#options;
    const { queue } = batch;
    let error = first;
    for (let attempt = 0; ; attempt += 1) {
      const records = batch.records.filter((record) => !record.settled());
      if (records.length === 0) return;
      if (isTooLarge(error) && records.length > 1) {
        const half = Math.ceil(records.length / 2);
        await this.#persist({ queue, records: records.slice(0, half) }, undefined);
        await this.#persist({ queue, records: records.slice(half) }, undefined);
        return;
      }
      const refusal = error === undefined ? undefined : refusalOf(error);
      if (refusal !== undefined) {
        for (const record of records) record.settle({ ok: false, error: refusal });
        return;
      }
      if (error !== undefined) await this.#untilAnotherTry(attempt);
      try {
        await this.#produce(await leaders.brokerOf(nameOf(queue.topic), queue.partition), [
          { queue, records },
        ]);
        return;
      } catch (failure) {
        error = failure;
      }
    }
  }

  async #untilAnotherTry(attempt: number): Promise<void> {
    await Promise.all([
      this.#options.leaders.refresh(),
      delay(backoffMs(attempt, { minMs: 20, maxMs: 500 })),
    ]);
  }

  async #produce(broker: Broker, batches: Batch[]): Promise<void> {
    const started = performance.now();
    const first = await produce(broker, batches, this.#options.nameOf);
    const seconds = (performance.now() - started) / 1_000;
    for (const { queue, records } of batches) {
      const { topic, partition } = queue;
      const base = first.get(`${this.#options.nameOf(topic)}/${partition}`) ?? 0;
      for (const [rank, record] of records.entries()) {
        record.settle({ ok: true, topic, partition, position: base + rank });
      }
      this.#options.observer.appended(topic, records.length, sizeOf(records), seconds);
    }
  }
}
