import type { Topic } from '@soma/events';
import type { Consumer } from 'kafkajs';
import { type Commit, CommitBuffer } from '../consuming/commit-buffer.js';
import type { Logger } from '../log-options.js';
import type { EventLog, TopicPartition } from '../port.js';
import { isUnknownMember, unavailable } from './unavailable.js';

export interface GroupOffsetsOptions {
  consumer: Pick<Consumer, 'commitOffsets'>;
  group: string;
  log: Pick<EventLog, 'committed'>;
  logger: Logger;
  nameOf: (topic: Topic) => string;
  /** The group does not know who commits: its member was taken for dead. */
  onUnknown: () => void;
}

/** What a group committed and commits, as seen by one of its members. */
export class GroupOffsets {
  readonly #options: GroupOffsetsOptions;
  readonly #commits: CommitBuffer;
  #committed = new Map<Topic, Promise<Map<number, number>>>();

  constructor(options: GroupOffsetsOptions) {
    this.#options = options;
    this.#commits = new CommitBuffer((commits) => this.#write(commits), options.logger);
  }

  /** As it was at the latest assignment: asked once for all partitions of a topic. */
  async committed({ topic, partition }: TopicPartition): Promise<number | undefined> {
    let offsets = this.#committed.get(topic);
    if (offsets === undefined) {
      offsets = this.#options.log.committed(this.#options.group, topic);
      this.#committed.set(topic, offsets);
      offsets.catch(() => this.#committed.delete(topic));
    }
    return (await offsets).get(partition);
  }

  /** There is a new assignment. */
  askAgain(): void {
    this.#committed = new Map();
  }

  commit(of: TopicPartition, position: number): void {
    this.#commits.add(of, position);
  }

  forget(of: TopicPartition): void {
    this.#commits.forget(of);
  }

  flush(): Promise<void> {
    return this.#commits.flush();
  }

  async #write(commits: Commit[]): Promise<void> {
    const offsets = commits.map(({ topic, partition, position }) => ({
      topic: this.#options.nameOf(topic),
      partition,
      offset: String(position),
    }));
    try {
      await this.#options.consumer.commitOffsets(offsets);
    } catch (error) {
      if (isUnknownMember(error)) this.#options.onUnknown();
      throw unavailable(error);
    }
  }
}
