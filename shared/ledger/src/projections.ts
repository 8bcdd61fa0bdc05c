import { TOPICS } from '@soma/events';
import type { Positions } from './positions.js';
import type { ProgressRequirement } from './progress-watch.js';

/** The groups that follow the memories: searches, links and caches are as new as they are. */
export const PROJECTIONS = ['indexer', 'graph', 'cache-invalidator'] as const;

/** All projections are as the memories were after these commands: one requirement each. */
export function projectionsAfter(generation: number, positions: Positions): ProgressRequirement[] {
  return PROJECTIONS.map((group) => ({
    group,
    topic: TOPICS.memoryEvents,
    of: 'command_position' as const,
    generation,
    positions,
  }));
}
