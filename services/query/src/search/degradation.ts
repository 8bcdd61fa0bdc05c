import type { SearchMetrics } from './metrics.js';

export type DegradedReason =
  | 'index_unavailable'
  | 'embedder_unavailable'
  | 'query_not_embeddable'
  | 'thread_unavailable'
  | 'graph_unavailable'
  | 'out_of_time';

/** What one search had to do without, each reason once. */
export class Degradation {
  readonly #reasons = new Set<DegradedReason>();
  readonly #metrics: SearchMetrics;

  constructor(metrics: SearchMetrics) {
    this.#metrics = metrics;
  }

  add(reason: DegradedReason): void {
    if (this.#reasons.has(reason)) return;
    this.#reasons.add(reason);
    this.#metrics.degraded.inc({ reason });
  }

  get reasons(): DegradedReason[] {
    return [...this.#reasons];
  }
}
