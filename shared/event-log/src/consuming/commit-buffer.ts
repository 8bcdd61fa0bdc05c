import type { Logger } from '../log-options.js';
import type { TopicPartition } from '../port.js';

export interface Commit extends TopicPartition {
  position: number;
}

/**
 * Gathers the positions that groups advance to and writes the newest of each partition at most every `everyMs`.
 * A commit is a hint: one that fails is logged, and the next one carries the position on.
 */
export class CommitBuffer {
  readonly #write: (commits: Commit[]) => Promise<void>;
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #pending = new Map<string, Commit>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(write: (commits: Commit[]) => Promise<void>, logger: Logger, everyMs = 150) {
    this.#write = write;
    this.#logger = logger;
    this.#everyMs = everyMs;
  }

  add({ topic, partition }: TopicPartition, position: number): void {
    this.#pending.set(`${topic}/${partition}`, { topic, partition, position });
    this.#timer ??= setTimeout(() => void this.flush(), this.#everyMs);
  }

  /** Drops what waits for a partition that now belongs to somebody else. */
  forget({ topic, partition }: TopicPartition): void {
    this.#pending.delete(`${topic}/${partition}`);
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const commits = [...this.#pending.values()];
    this.#pending.clear();
    if (commits.length > 0) this.#writing = this.#writing.then(() => this.#writeAll(commits));
    return this.#writing;
  }

  async #writeAll(commits: Commit[]): Promise<void> {
    try {
      await this.#write(commits);
    } catch (error) {
      this.#logger.warn({ err: error, partitions: commits.length }, 'cannot commit the positions of a group');
    }
  }
}
