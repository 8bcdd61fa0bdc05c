import { TOPICS, type Topic } from '@soma/events';
import type { PositionVector, ProgressWatch } from '@soma/ledger';
import { SomaError } from '@soma/memory';
import type { ReadOptions } from '@soma/reads';

/** What a read depends on, and where its progress is written down. */
export type Dependency = { group: string; topic: Topic; of: 'position' | 'command_position'; from: Topic };

/** Memories are read where the writer writes. */
export const MEMORIES: Dependency[] = [
  { group: 'writer', topic: TOPICS.memoryCommands, of: 'position', from: TOPICS.memoryCommands },
];
/** Searches also need the index. */
export const INDEX: Dependency[] = [
  { group: 'indexer', topic: TOPICS.memoryEvents, of: 'command_position', from: TOPICS.memoryCommands },
];
/** Walks need the links, the memories at their ends, and the removal of links of deleted memories. */
export const LINKS: Dependency[] = [
  ...MEMORIES,
  { group: 'graph', topic: TOPICS.graphCommands, of: 'position', from: TOPICS.graphCommands },
  { group: 'graph', topic: TOPICS.memoryEvents, of: 'command_position', from: TOPICS.memoryCommands },
];

/** Returns once every position of `after` is reached where the read looks; rejects with not_yet_consistent. */
export async function awaitPositions(
  watch: ProgressWatch,
  dependencies: Dependency[],
  { after, waitMs, signal }: ReadOptions,
): Promise<void> {
  if (after === null) return;
  const reached = await Promise.all(
    dependencies.map(async ({ group, topic, of, from }) => {
      const positions = positionsOf(after, from);
      if (positions === undefined) return true;
      return watch.reached({ group, topic, of, generation: after.generation, positions }, waitMs, signal);
    }),
  );
  if (reached.includes(false)) {
    throw new SomaError(
      'not_yet_consistent',
      'what the consistency token names is not readable yet; try again',
    );
  }
}

function positionsOf(after: PositionVector, topic: Topic): Record<number, number> | undefined {
  const positions = after.positions[topic];
  return positions === undefined || Object.keys(positions).length === 0 ? undefined : positions;
}
