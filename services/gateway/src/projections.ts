import { TOPICS } from '@soma/events';
import type { ProgressRequirement, ProgressWatch } from '@soma/ledger';
import { isSomaError, type Operation } from '@soma/memory';

/** What has to have seen a stored memory before it counts as indexed: searches, links and caches. */
const PROJECTIONS = ['indexer', 'graph', 'cache-invalidator'] as const;

export type WatchedProgress = Pick<ProgressWatch, 'reached'>;

/**
 * Have the projections seen all of these operations by then? What is not known counts as no. A stored link is
 * indexed at once: its own store is what answers.
 */
export async function areIndexed(
  watch: WatchedProgress,
  operations: readonly Operation[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const reached = requirementsOf(operations).map((requirement) =>
      watch.reached(requirement, timeoutMs, signal),
    );
    return (await Promise.all(reached)).every(Boolean);
  } catch (error) {
    if (isSomaError(error) && error.retryable) return false;
    throw error;
  }
}

function requirementsOf(operations: readonly Operation[]): ProgressRequirement[] {
  const byGeneration = new Map<number, Record<number, number>>();
  for (const { topic, generation, partition, position } of operations) {
    if (topic !== TOPICS.memoryCommands) continue;
    const positions = byGeneration.get(generation) ?? {};
    positions[partition] = Math.max(position, positions[partition] ?? -1);
    byGeneration.set(generation, positions);
  }
  return [...byGeneration].flatMap(([generation, positions]) =>
    PROJECTIONS.map((group) => ({
      group,
      topic: TOPICS.memoryEvents,
      of: 'command_position' as const,
      generation,
      positions,
    })),
  );
}
