import pg from 'pg';
import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import { AppendBuffer } from '../appending/append-buffer.js';
import type { AppendObserver, BufferLimits } from '../log-options.js';
import type { AppendResult, NewRecord } from '../port.js';
import { append, type PartitionAppend } from './append.js';
import { unavailable } from './unavailable.js';

/** Most that one transaction appends. */
const MAX_RECORDS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;

export interface AppenderOptions {
  pool: pg.Pool;
  /** Names this process in notifications. */
  origin: string;
  limits: BufferLimits;
  observer: AppendObserver;
  partitions: (topic: Topic) => number;
  /** Records were committed. */
  onAppended: () => void;
}

/** Gathers appends: whatever comes while one transaction runs goes into the next. */
export class Appender {
  readonly #options: AppenderOptions;
  readonly #buffer: AppendBuffer;
  #running: Promise<void> | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#buffer = new AppendBuffer({
      limits: options.limits,
      observer: options.observer,
      partitions: options.partitions,
      onWaiting: () => {
        this.#running ??= this.#run();
      },
    });
  }

  append(records: NewRecord[], timeoutMs?: number): Promise<AppendResult[]> {
    return this.#buffer.append(records, timeoutMs);
  }

  /** Lets the transaction that runs come to its end; what waits behind it is refused. */
  async close(): Promise<void> {
    this.#buffer.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    // The rest of this turn of the event loop still joins.
    await new Promise(setImmediate);
    for (let group = this.#take(); group.length > 0; group = this.#take()) await this.#write(group);
    this.#running = undefined;
  }

  #take(): PartitionAppend[] {
    const group: PartitionAppend[] = [];
    let records = 0;
    let bytes = 0;
    for (const queue of this.#buffer.queues()) {
      if (records >= MAX_RECORDS || bytes >= MAX_BYTES) break;
      const taken = queue.take(MAX_RECORDS - records, MAX_BYTES - bytes);
      if (taken.length === 0) continue;
      group.push({ topic: queue.topic, partition: queue.partition, records: taken });
      records += taken.length;
      bytes += taken.reduce((sum, record) => sum + record.bytes, 0);
    }
    return group;
  }

  async #write(group: PartitionAppend[]): Promise<void> {
    const started = performance.now();
    try {
      const first = await append(this.#options.pool, group, this.#options.origin);
      for (const [index, { topic, partition, records }] of group.entries()) {
        for (const [rank, record] of records.entries()) {
          record.settle({ ok: true, topic, partition, position: (first[index] ?? 0) + rank });
        }
      }
      this.#options.onAppended();
      this.#observe(group, (performance.now() - started) / 1_000);
    } catch (error) {
      await this.#fail(group, error);
    }
  }

  /** When Postgres refuses a statement, the record that it refuses is found by appending each alone. */
  async #fail(group: PartitionAppend[], error: unknown): Promise<void> {
    const records = group.flatMap((part) => part.records.map((record) => ({ ...part, records: [record] })));
    const refused = error instanceof pg.DatabaseError;
    if (refused && records.length > 1) {
      for (const alone of records) await this.#write([alone]);
      return;
    }
    const failure = refused
      ? new SomaError('internal', 'the event log cannot hold the record', { cause: error })
      : unavailable(error);
    for (const { records: refused } of group)
      for (const record of refused) record.settle({ ok: false, error: failure });
  }

  #observe(group: PartitionAppend[], seconds: number): void {
    for (const { topic, records } of group) {
      const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
      this.#options.observer.appended(topic, records.length, bytes, seconds);
    }
  }
}
