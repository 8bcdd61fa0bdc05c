import { TOPICS } from '@soma/events';
import type { GroupProgress } from '@soma/ledger';
import { POSITIONS_PER_GENERATION, revisionOf } from '@soma/memory';

export interface AppendedCommand {
  generation: number;
  partition: number;
  position: number;
}

interface Entry {
  namespace: string;
  partition: number;
  /** The revision of the last of them. */
  last: number;
  commands: number;
}

/** Namespaces × partitions × rounds that are told apart; what is beyond is not counted until the writer has it. */
const MAX_ENTRIES = 50_000;

/**
 * Commands on memory.commands that this gateway appended and the writer has not passed, by namespace. Those of one
 * round, namespace and partition are counted together and are passed together.
 */
export class UnwrittenCommands {
  readonly #entries = new Map<string, Entry>();
  readonly #counts = new Map<string, number>();
  #round = 0;
  #appendedInRound = 0;

  count(namespace: string): number {
    return this.#counts.get(namespace) ?? 0;
  }

  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get appendedInRound(): number {
    return this.#appendedInRound;
  }

  add(namespace: string, { generation, partition, position }: AppendedCommand): void {
    this.#appendedInRound += 1;
    const revision = revisionOf(generation, position);
    const name = `${this.#round} ${partition} ${namespace}`;
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      entry.last = Math.max(entry.last, revision);
      entry.commands += 1;
    } else {
      if (this.#entries.size >= MAX_ENTRIES) return;
      this.#entries.set(name, { namespace, partition, last: revision, commands: 1 });
    }
    this.#counts.set(namespace, this.count(namespace) + 1);
  }

  /** What is added from now on is told apart from what was added before. */
  nextRound(): void {
    this.#round += 1;
    this.#appendedInRound = 0;
  }

  /** Forgets what the writer has passed. */
  passed(progress: readonly GroupProgress[]): void {
    const written = new Map<number, number>();
    for (const { group, topic, partition, generation, position } of progress) {
      if (group !== 'writer' || topic !== TOPICS.memoryCommands) continue;
      // At the start of a generation the position is -1: all of the one before is passed.
      written.set(partition, generation * POSITIONS_PER_GENERATION + position);
    }
    for (const [name, entry] of this.#entries) {
      if (entry.last > (written.get(entry.partition) ?? -1)) continue;
      this.#entries.delete(name);
      const left = this.count(entry.namespace) - entry.commands;
      if (left > 0) this.#counts.set(entry.namespace, left);
      else this.#counts.delete(entry.namespace);
    }
  }
}
