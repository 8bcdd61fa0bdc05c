import { TOPICS } from '@soma/events';
import {
  projectionsAfter,
  raise,
  type Positions,
  type ProgressRequirement,
  type ProgressWatch,
} from '@soma/ledger';
import { isSomaError, type Operation } from '@soma/memory';

export type WatchedProgress = Pick<ProgressWatch, 'reached'>;

/**
 * Have the projections seen all of these operations by then? What is not known counts as no. A stored link is
 * indexed at once: its own store is what answers.
 */
export function areIndexed(
  watch: WatchedProgress,
  operations: readonly Operation[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  return haveReached(watch, requirementsOf(operations), timeoutMs, signal);
}

/** The same of the commands at and before these positions of memory.commands. */
export function arePassed(
  watch: WatchedProgress,
  { generation, positions }: { generation: number; positions: Positions },
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  return haveReached(watch, projectionsAfter(generation, positions), timeoutMs, signal);
}

async function haveReached(
  watch: WatchedProgress,
  requirements: readonly ProgressRequirement[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const reached = requirements.map((requirement) => watch.reached(requirement, timeoutMs, signal));
    return (await Promise.all(reached)).every(Boolean);
  } catch (error) {
    if (isSomaError(error) && error.retryable) return false;
    throw error;
  }
}

function requirementsOf(operations: readonly Operation[]): ProgressRequirement[] {
  const byGeneration = new Map<number, Positions>();
  for (const { topic, generation, partition, position } of operations) {
    if (topic !== TOPICS.memoryCommands) continue;
    const positions = byGeneration.get(generation) ?? {};
    raise(positions, partition, position);
    byGeneration.set(generation, positions);
  }
  return [...byGeneration].flatMap(([generation, positions]) => projectionsAfter(generation, positions));
}
