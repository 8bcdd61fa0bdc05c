import type { Topic } from '@soma/events';
import type { AppendResult, NewRecord } from '../port.js';

/** A record on its way into the log. */
export interface WaitingRecord {
  record: NewRecord;
  bytes: number;
  /** Epoch milliseconds at which its caller stops waiting. */
  deadline: number;
  /** The first result counts, later ones are ignored. */
  settle(result: AppendResult): void;
  settled(): boolean;
}

/** The records that wait for one partition, in the order in which they were given. */
export class PartitionQueue {
  readonly topic: Topic;
  readonly partition: number;
  #waiting: WaitingRecord[] = [];

  constructor(topic: Topic, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get length(): number {
    return this.#waiting.length;
  }

  push(record: WaitingRecord): void {
    this.#waiting.push(record);
  }

  /** Takes from the front at most so many records and bytes, but always one where there is one. */
  take(maxRecords: number, maxBytes: number): WaitingRecord[] {
    this.#dropSettledFront();
    let bytes = 0;
    let count = 0;
    for (const record of this.#waiting) {
      if (count === maxRecords || (count > 0 && bytes + record.bytes > maxBytes)) break;
      bytes += record.bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count).filter((record) => !record.settled());
  }

  /** Forgets records whose callers no longer wait. */
  sweep(): void {
    this.#waiting = this.#waiting.filter((record) => !record.settled());
  }

  #dropSettledFront(): void {
    let settled = 0;
    while (this.#waiting[settled]?.settled() === true) settled += 1;
    if (settled > 0) this.#waiting.splice(0, settled);
  }
}
