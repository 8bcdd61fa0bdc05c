import { COUNT_BUCKETS, counter, DURATION_BUCKETS, gauge, histogram } from '@soma/service';
import type { Registry } from 'prom-client';
import type { SortedRecords } from './sort-records.js';

export type WorkerMetrics = ReturnType<typeof workerMetrics>;

function counters(registry: Registry) {
  const records = counter(registry, {
    name: 'soma_worker_records_total',
    help: 'Records by what became of them: applied, skipped, redirected, dead_lettered',
    labelNames: ['worker', 'topic', 'outcome'],
  });
  const failures = counter(registry, {
    name: 'soma_worker_failures_total',
    help: 'Failed attempts by error code',
    labelNames: ['worker', 'topic', 'code'],
  });
  const batchSeconds = histogram(registry, {
    name: 'soma_worker_batch_seconds',
    help: 'Time to make the effect of a batch',
    labelNames: ['worker', 'topic'],
    buckets: DURATION_BUCKETS,
  });
  const batchRecords = histogram(registry, {
    name: 'soma_worker_batch_records',
    help: 'Records of a batch',
    labelNames: ['worker', 'topic'],
    buckets: COUNT_BUCKETS,
  });
  return { records, failures, batchSeconds, batchRecords };
}

function gauges(registry: Registry) {
  const lag = gauge(registry, {
    name: 'soma_worker_lag',
    help: 'Records not yet worked off',
    labelNames: ['worker', 'topic', 'partition'],
  });
  const age = gauge(registry, {
    name: 'soma_worker_age_seconds',
    help: 'Age of the record last worked off while there is lag, else 0',
    labelNames: ['worker', 'topic', 'partition'],
  });
  const halted = gauge(registry, {
    name: 'soma_worker_halted_partitions',
    help: 'Partitions stopped until someone looks',
    labelNames: ['worker'],
  });
  return { lag, age, halted };
}

/** What a worker counts; workers mounted in one process share the metrics and differ by label. */
export function workerMetrics(registry: Registry, worker: string) {
  const { records, failures, batchSeconds, batchRecords } = counters(registry);
  const { lag, age, halted } = gauges(registry);
  halted.set({ worker }, 0);
  return {
    /** What the records of a batch fell into. */
    sorted: (topic: string, { toApply, skipped, redirects, refused }: SortedRecords<unknown>): void => {
      const counts = {
        applied: toApply.length,
        skipped,
        redirected: redirects.length,
        dead_lettered: refused.length,
      };
      for (const [outcome, count] of Object.entries(counts))
        if (count > 0) records.inc({ worker, topic, outcome }, count);
    },
    failed: (topic: string, code: string): void => {
      failures.inc({ worker, topic, code });
    },
    batch: (topic: string, count: number, seconds: number): void => {
      batchSeconds.observe({ worker, topic }, seconds);
      batchRecords.observe({ worker, topic }, count);
    },
    lag: (topic: string, partition: number, records: number, ageSeconds: number): void => {
      lag.set({ worker, topic, partition }, records);
      age.set({ worker, topic, partition }, ageSeconds);
    },
    forget: (topic: string, partition: number): void => {
      lag.remove({ worker, topic, partition });
      age.remove({ worker, topic, partition });
    },
    halted: (count: number): void => {
      halted.set({ worker }, count);
    },
  };
}
