import type { Limiter } from '@soma/cache';
import type { WalkObserver } from '@soma/graph-store';
import { counter, gauge, measured } from '@soma/service';
import type { EmbeddedVectorIndex } from '@soma/vector-index/embedded';
import type { Registry } from 'prom-client';

/** The limiter, with the buckets that it keeps in this process and whether it counts alone shown. */
export function measureLimiter(limiter: Limiter, registry: Registry): Limiter {
  measured(
    registry,
    { name: 'soma_rate_buckets', help: 'Rate buckets that this process keeps, those that are over too.' },
    () => limiter.buckets(),
  );
  measured(
    registry,
    {
      name: 'soma_rate_limiter_degraded',
      help: '1 while rates are counted by this process alone, because Redis does not answer.',
    },
    () => Number(limiter.degraded()),
  );
  return limiter;
}

/** Counts the vectors that all cached embedders of the process remember: each index generation has one. */
export function rememberedQueries(registry: Registry): (change: number) => void {
  const remembered = gauge(registry, {
    name: 'soma_embedder_queries_remembered',
    help: 'Queries whose vectors are remembered, of all embedders of the process.',
  });
  return (change) => {
    remembered.inc(change);
  };
}

/** The embedded index, with what waits for its scanner shown. */
export function measureIndex(index: EmbeddedVectorIndex, registry: Registry): EmbeddedVectorIndex {
  measured(
    registry,
    { name: 'soma_index_searches_waiting', help: 'Requests that wait for the embedded index or run there.' },
    () => index.waiting(),
  );
  return index;
}

/** Counts the calls of one part of the process that has its own connection to Redis: the bound is each one's. */
export function redisCalls(
  registry: Registry,
  part: 'cache' | 'outcomes' | 'limiter',
): (change: 1 | -1) => void {
  const calls = gauge(registry, {
    name: 'soma_redis_calls_in_flight',
    help: 'Calls to Redis under way, by what they are for.',
    labelNames: ['part'],
  });
  // Shown as 0 before the first call.
  calls.inc({ part }, 0);
  return (change) => {
    calls.inc({ part }, change);
  };
}

/** Counts walks along links whose answer may miss something, as a level had more than is followed. */
export function cutWalks(registry: Registry): WalkObserver {
  const cut = counter(registry, {
    name: 'soma_graph_walks_cut_total',
    help: 'Walks along links that did not follow all there was at a level: neighbors, path.',
    labelNames: ['walk'],
  });
  return {
    cut: (walk) => {
      cut.inc({ walk });
    },
  };
}
