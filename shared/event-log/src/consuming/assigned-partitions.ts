import type { Topic } from '@soma/events';
import type { PartitionBounds, TopicPartition } from '../port.js';
import { AssignedPartition, type PartitionSource } from './assigned-partition.js';

/** All partitions of one consumer: those it has, and those it gave up in which the caller's code still runs. */
export class AssignedPartitions {
  readonly #source: PartitionSource;
  readonly #assigned = new Map<string, AssignedPartition>();
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(source: PartitionSource) {
    this.#source = source;
  }

  [Symbol.iterator](): IterableIterator<AssignedPartition> {
    return this.#assigned.values();
  }

  get(topic: Topic, partition: number): AssignedPartition | undefined {
    return this.#assigned.get(`${topic}/${partition}`);
  }

  list(): TopicPartition[] {
    return [...this].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** A new assignment; it begins once the one before, if any, has nothing running any more. */
  add(of: TopicPartition): void {
    const name = `${of.topic}/${of.partition}`;
    const partition = new AssignedPartition(this.#source, of);
    this.#source.pause(partition);
    this.#assigned.set(name, partition);
    partition.open(this.#leaving.get(name));
  }

  /** Resolves when nothing of the partition runs any more. */
  revoke({ topic, partition }: TopicPartition): Promise<void> {
    const name = `${topic}/${partition}`;
    const revoked = this.#assigned.get(name);
    if (revoked === undefined) return Promise.resolve();
    this.#assigned.delete(name);
    revoked.close('revoked');
    const left = revoked.settled().then(() => {
      if (this.#leaving.get(name) === left) this.#leaving.delete(name);
    });
    this.#leaving.set(name, left);
    return left;
  }

  /** The end of all; resolves when nothing runs any more. */
  async close(why: 'stopped' | 'crashed'): Promise<void> {
    for (const partition of this) {
      this.#source.pause(partition);
      partition.close(why);
    }
    await Promise.all([...[...this].map((partition) => partition.settled()), ...this.#leaving.values()]);
  }

  async lag(
    boundsOf: (topic: Topic) => Promise<PartitionBounds[]>,
  ): Promise<(TopicPartition & { lag: number })[]> {
    const topics = [...new Set([...this].map(({ topic }) => topic))];
    const lags = topics.map(async (topic) =>
      (await boundsOf(topic)).flatMap(({ partition, start, end }) => {
        const assigned = this.get(topic, partition);
        if (assigned === undefined) return [];
        return [{ topic, partition, lag: Math.max(0, end - Math.max(start, assigned.position)) }];
      }),
    );
    return (await Promise.all(lags)).flat();
  }
}
