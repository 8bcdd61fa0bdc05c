import { counter, DURATION_BUCKETS, histogram } from '@soma/service';
import type { Registry } from 'prom-client';

export type Stage = 'speaker' | 'embed' | 'candidates' | 'surroundings' | 'rank' | 'hydrate' | 'context';

export type SearchMetrics = ReturnType<typeof createSearchMetrics>;

export function createSearchMetrics(registry: Registry) {
  const seconds = histogram(registry, {
    name: 'soma_search_stage_seconds',
    help: 'Time that a stage of a search took.',
    labelNames: ['stage'],
    buckets: DURATION_BUCKETS,
  });
  return {
    degraded: counter(registry, {
      name: 'soma_search_degraded_total',
      help: 'Searches that were answered without a part, by what was missing.',
      labelNames: ['reason'],
    }),
    /** Runs a stage and notes how long it took. */
    timed: async <T>(stage: Stage, work: () => T | Promise<T>): Promise<T> => {
      const began = performance.now();
      try {
        return await work();
      } finally {
        seconds.observe({ stage }, (performance.now() - began) / 1000);
      }
    },
  };
}
