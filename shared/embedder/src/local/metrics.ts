import { counter, DURATION_BUCKETS, gauge, histogram } from '@soma/service';
import { Registry } from 'prom-client';

export type LocalEmbedderMetrics = ReturnType<typeof localEmbedderMetrics>;

/** Without a registry they count for nobody. */
export function localEmbedderMetrics(registry: Registry = new Registry()) {
  return {
    texts: counter(registry, {
      name: 'soma_embedder_texts_total',
      help: 'Texts that a local model made vectors of',
      labelNames: ['purpose'],
    }),
    batchSeconds: histogram(registry, {
      name: 'soma_embedder_batch_seconds',
      help: 'Time that a local model took for one batch',
      labelNames: ['purpose'],
      buckets: DURATION_BUCKETS,
    }),
    waiting: gauge(registry, {
      name: 'soma_embedder_waiting_texts',
      help: 'Texts that wait for the local model',
      labelNames: [],
    }),
    failures: counter(registry, {
      name: 'soma_embedder_failures_total',
      help: 'Failures of a local model: batch, thread, overloaded',
      labelNames: ['reason'],
    }),
  };
}
