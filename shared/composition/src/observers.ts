import type { CacheMetrics, OutcomesMetrics } from '@soma/cache';
import type { AppendObserver } from '@soma/event-log';
import type { Embedder } from '@soma/embedder';
import { COUNT_BUCKETS, counter, DURATION_BUCKETS, gauge, histogram, measured } from '@soma/service';
import type pg from 'pg';
import type { Registry } from 'prom-client';

/** Adapters report to these; the process exports them. */
export function observers(registry: Registry): {
  cache: CacheMetrics;
  outcomes: OutcomesMetrics;
  appends: AppendObserver;
} {
  return {
    cache: cacheMetrics(registry),
    outcomes: outcomesMetrics(registry),
    appends: appendObserver(registry),
  };
}

/** Shows how near a pool is to its most connections, and who waits for one. */
export function measurePool(pool: pg.Pool, registry: Registry): void {
  const measures: [name: string, help: string, read: () => number][] = [
    ['connections', 'Open connections to Postgres.', () => pool.totalCount],
    ['connections_idle', 'Connections to Postgres that nobody uses.', () => pool.idleCount],
    ['waiting', 'Callers that wait for a connection to Postgres.', () => pool.waitingCount],
  ];
  for (const [name, help, read] of measures)
    measured(registry, { name: `soma_postgres_${name}`, help }, read);
}

/** The embedder with its calls counted: those that run and those that wait for a place. */
export function measureEmbedder(embedder: Embedder, registry: Registry): Embedder {
  // One for all embedders of the process.
  const calls = gauge(registry, {
    name: 'soma_embedder_calls_in_flight',
    help: 'Calls to the embedder that run or wait.',
  });
  return {
    model: embedder.model,
    dimension: embedder.dimension,
    meaning: embedder.meaning,
    start: () => embedder.start(),
    close: () => embedder.close(),
    embed: async (texts, options) => {
      calls.inc();
      try {
        return await embedder.embed(texts, options);
      } finally {
        calls.dec();
      }
    },
  };
}

function cacheMetrics(registry: Registry): CacheMetrics {
  const reads = counter(registry, {
    name: 'soma_cache_reads_total',
    help: 'Keys asked of the cache: hit, or miss with or without a lease to fill',
    labelNames: ['result'],
  });
  const fills = counter(registry, {
    name: 'soma_cache_fills_total',
    help: 'Fills by whether the lease still stood',
    labelNames: ['accepted'],
  });
  const evictions = counter(registry, {
    name: 'soma_cache_evictions_total',
    help: 'Entries that left because the cache was full',
  });
  return {
    hits: (count) => {
      reads.inc({ result: 'hit' }, count);
    },
    misses: (count, leased) => {
      reads.inc({ result: 'miss_leased' }, leased);
      reads.inc({ result: 'miss' }, count - leased);
    },
    filled: (accepted) => {
      fills.inc({ accepted: String(accepted) });
    },
    evicted: (count) => {
      evictions.inc(count);
    },
  };
}

function outcomesMetrics(registry: Registry): OutcomesMetrics {
  const dropped = counter(registry, {
    name: 'soma_outcomes_dropped_total',
    help: 'Outcomes nobody will hear; waiters ask Postgres',
  });
  return {
    dropped: (operations) => {
      dropped.inc(operations);
    },
  };
}

function appendObserver(registry: Registry): AppendObserver {
  const records = counter(registry, {
    name: 'soma_log_appended_records_total',
    help: 'Records the log took',
    labelNames: ['topic'],
  });
  const bytes = counter(registry, {
    name: 'soma_log_appended_bytes_total',
    help: 'Bytes the log took',
    labelNames: ['topic'],
  });
  const seconds = histogram(registry, {
    name: 'soma_log_append_seconds',
    help: 'Time the log took for one group of records',
    labelNames: ['topic'],
    buckets: DURATION_BUCKETS,
  });
  const group = histogram(registry, {
    name: 'soma_log_append_records',
    help: 'Records appended together',
    labelNames: ['topic'],
    buckets: COUNT_BUCKETS,
  });
  const refused = counter(registry, {
    name: 'soma_log_refused_records_total',
    help: 'Records the log did not take, by error code',
    labelNames: ['topic', 'code'],
  });
  return {
    appended: (topic, count, size, took) => {
      records.inc({ topic }, count);
      bytes.inc({ topic }, size);
      seconds.observe({ topic }, took);
      group.observe({ topic }, count);
    },
    refused: (topic, code, count) => {
      refused.inc({ topic, code }, count);
    },
  };
}
