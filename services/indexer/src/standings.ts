import type { PartitionProgress, VectorIndex } from '@soma/vector-index';

/** What this process last wrote down in the index about a partition. */
interface Standing {
  collection: string;
  /** More than one while a move is under way, whose answer may be lost. */
  held: PartitionProgress[];
}

/**
 * Proves that the index is the one that this process wrote: a collection that was emptied, dropped or put back no
 * longer holds the progress that was written to it last.
 */
export class Standings {
  readonly #index: Pick<VectorIndex, 'progress' | 'setProgress' | 'moveProgress'>;
  readonly #standings = new Map<number, Standing>();

  constructor(index: Pick<VectorIndex, 'progress' | 'setProgress' | 'moveProgress'>) {
    this.#index = index;
  }

  /** The partition begins here, whatever the collection held. */
  async begin(collection: string, partition: number, progress: PartitionProgress): Promise<void> {
    this.#standings.delete(partition);
    await this.#index.setProgress(collection, partition, progress);
    this.#standings.set(partition, { collection, held: [progress] });
  }

  isOf(collection: string, partition: number): boolean {
    return this.#standings.get(partition)?.collection === collection;
  }

  /** The progress that was written of the partition last, in whatever collection. */
  last(partition: number): PartitionProgress | undefined {
    return this.#standings.get(partition)?.held.at(0);
  }

  /** False when the collection is not as this process left it; then nothing was moved. */
  async move(collection: string, partition: number, to: PartitionProgress): Promise<boolean> {
    const standing = this.#standings.get(partition);
    if (standing?.collection !== collection) return false;
    const from = standing.held;
    this.#standings.set(partition, { collection, held: [...from, to] });
    const moved = await this.#index.moveProgress(collection, partition, { from, to });
    if (moved) this.#standings.set(partition, { collection, held: [to] });
    return moved;
  }

  /** Does the collection still hold what was written? Asked at any time, also while it moves. */
  async stands(collection: string, partition: number): Promise<boolean> {
    const before = this.#standings.get(partition);
    if (before === undefined) return true;
    const held = (await this.#index.progress(collection, [partition])).get(partition);
    const after = this.#standings.get(partition) ?? before;
    return [before, after].some((standing) => standing.collection === collection && holds(standing, held));
  }
}

function holds({ held }: Standing, progress: PartitionProgress | undefined): boolean {
  return held.some(
    ({ generation, command_position }) =>
      generation === progress?.generation && command_position === progress.command_position,
  );
}
