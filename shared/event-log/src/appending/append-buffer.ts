import { partitionOf, type Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { AppendObserver, BufferLimits } from '../log-options.js';
import type { AppendResult, NewRecord } from '../port.js';
import { recordBytes, tooLarge } from '../record-size.js';
import { PartitionQueue, type WaitingRecord } from './partition-queue.js';

const DEFAULT_TIMEOUT_MS = 5_000;

export interface AppendBufferOptions {
  limits: BufferLimits;
  observer: AppendObserver;
  partitions: (topic: Topic) => number;
  /** Something waits that did not before. */
  onWaiting: (queue: PartitionQueue) => void;
}

/**
 * What waits to be appended, in one queue per partition. An append is taken whole while less than the limits
 * waits, so one large append cannot starve itself, and memory is bounded by the limits and one append per caller.
 */
export class AppendBuffer {
  readonly #options: AppendBufferOptions;
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  readonly #queues = new Map<string, PartitionQueue>();
  #records = 0;
  #bytes = 0;
  #keyless = 0;
  #turn = 0;
  #closed = false;

  constructor(options: AppendBufferOptions) {
    this.#options = options;
    this.#maxRecords = options.limits.maxRecords ?? 50_000;
    this.#maxBytes = options.limits.maxBytes ?? 64 * 1024 * 1024;
  }

  /** All queues, each time beginning with another one, so that none is always served last. */
  queues(): PartitionQueue[] {
    const queues = [...this.#queues.values()];
    this.#turn = (this.#turn + 1) % Math.max(1, queues.length);
    return [...queues.slice(this.#turn), ...queues.slice(0, this.#turn)];
  }

  /** Records without a result. */
  get records(): number {
    return this.#records;
  }

  append(records: NewRecord[], timeoutMs = DEFAULT_TIMEOUT_MS): Promise<AppendResult[]> {
    if (records.length === 0) return Promise.resolve([]);
    const refusal = this.#refusal();
    return new Promise((resolve) => {
      const results = new Array<AppendResult>(records.length);
      const waiting = new Set<WaitingRecord>();
      let missing = records.length;
      const timer = setTimeout(() => {
        for (const record of waiting) record.settle({ ok: false, error: tooLate(timeoutMs) });
        for (const queue of this.#queues.values()) queue.sweep();
      }, timeoutMs);
      const settle = (index: number, result: AppendResult): void => {
        results[index] = result;
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(timer);
        resolve(results);
      };
      const deadline = Date.now() + timeoutMs;
      for (const [index, record] of records.entries()) {
        const taken = refusal ?? this.#take(record, deadline, waiting, (result) => settle(index, result));
        if (!(taken instanceof SomaError)) continue;
        this.#options.observer.refused(record.topic, taken.code, 1);
        settle(index, { ok: false, error: taken });
      }
    });
  }

  /** Whatever waits is answered `shutting_down`, as is every append from now on. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) {
      for (const record of queue.take(Infinity, Infinity)) record.settle({ ok: false, error: closing() });
    }
  }

  #refusal(): SomaError | undefined {
    if (this.#closed) return closing();
    if (this.#records < this.#maxRecords && this.#bytes < this.#maxBytes) return undefined;
    return new SomaError('overloaded', 'too much waits to be appended to the log');
  }

  #take(
    record: NewRecord,
    deadline: number,
    waiting: Set<WaitingRecord>,
    onResult: (result: AppendResult) => void,
  ): SomaError | undefined {
    const bytes = recordBytes(record);
    const refused = tooLarge(bytes);
    if (refused !== undefined) return refused;
    const partitions = this.#options.partitions(record.topic);
    const partition = record.partition ?? this.#partitionOf(record.key, partitions);
    if (!(partition >= 0 && partition < partitions)) {
      return new SomaError(
        'internal',
        `${record.topic} has ${partitions} partitions, none numbered ${partition}`,
      );
    }
    const settle = (result: AppendResult): void => {
      if (!waiting.delete(entry)) return;
      this.#records -= 1;
      this.#bytes -= bytes;
      if (!result.ok) this.#options.observer.refused(record.topic, result.error.code, 1);
      onResult(result);
    };
    const entry: WaitingRecord = { record, bytes, deadline, settle, settled: () => !waiting.has(entry) };
    waiting.add(entry);
    this.#records += 1;
    this.#bytes += bytes;
    const queue = this.#queue(record.topic, partition);
    queue.push(entry);
    this.#options.onWaiting(queue);
    return undefined;
  }

  /** Records without a key go round the partitions. */
  #partitionOf(key: string | null, partitions: number): number {
    if (key !== null) return partitionOf(key, partitions);
    this.#keyless = (this.#keyless + 1) % partitions;
    return this.#keyless;
  }

  #queue(topic: Topic, partition: number): PartitionQueue {
    const name = `${topic}/${partition}`;
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition);
      this.#queues.set(name, queue);
    }
    return queue;
  }
}

function tooLate(timeoutMs: number): SomaError {
  return new SomaError(
    'event_log_unavailable',
    `the event log did not take the record within ${timeoutMs} ms`,
  );
}

function closing(): SomaError {
  return new SomaError('shutting_down', 'the event log is being closed');
}
