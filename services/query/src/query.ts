import type { Cache } from '@soma/cache';
import type { GraphStore } from '@soma/graph-store';
import type { IndexGenerations } from '@soma/index-generations';
import type { Ledger, ProgressWatch } from '@soma/ledger';
import { isSomaError, SomaError } from '@soma/memory';
import type { AccessCounts, MemoryStore } from '@soma/memory-store';
import { answerBytes, type ReadOptions, type Reads } from '@soma/reads';
import { type Logger, probe, retryUntilDone, type Service } from '@soma/service';
import type { VectorIndex } from '@soma/vector-index';
import type { Registry } from 'prom-client';
import { AccessCounter, counting } from './access-counter.js';
import { awaitPositions, INDEX, LINKS, MEMORIES, type Dependency } from './await-positions.js';
import { createBreaker } from './breaker.js';
import { followChanges } from './changes/follow-changes.js';
import { WriterPulse } from './changes/writer-pulse.js';
import { getMemories } from './get-memories.js';
import { listMemories, memoriesInRange } from './list-memories.js';
import { readHistory, readPast } from './read-history.js';
import { Scans } from './scans.js';
import { createSearchMetrics } from './search/metrics.js';
import { search } from './search/search.js';
import type { Weights } from './search/weights.js';
import { StoreClock } from './store-clock.js';

export interface QueryDeps {
  memories: MemoryStore;
  links: GraphStore;
  index: VectorIndex;
  generations: IndexGenerations;
  cache: Cache;
  ledger: Ledger;
  watch: ProgressWatch;
  logger: Logger;
  registry: Registry;
  /** Those that are not as usual. */
  weights: Partial<Weights>;
  /** Where accesses are counted; undefined: they are not. */
  accesses?: AccessCounts | undefined;
  /** How long one search may take, milliseconds. */
  searchTimeoutMs: number;
  onCrash: (error: Error) => void;
}

const CACHE_TIMEOUT_MS = 500;

/** Answers reads and searches: the service and the port that the gateway calls. */
export function createQuery(deps: QueryDeps): Service & { reads: Reads } {
  const breakers = {
    indexBreaker: createBreaker('index', false, isOutage),
    embedderBreaker: createBreaker('embedder', false, isOutage),
    cacheBreaker: createBreaker('cache', CACHE_TIMEOUT_MS, isOutage),
  };
  const clock = new StoreClock(deps.memories, deps.logger);
  const pulse = new WriterPulse(deps.ledger);
  const opening = openIndex(deps);
  const reads = createReads({ ...deps, ...breakers, clock, pulse });
  const counter = deps.accesses && new AccessCounter({ ...deps, accesses: deps.accesses, clock });
  return {
    name: 'query',
    optional: ['index', 'cache'],
    reads: counter === undefined ? reads : counting(reads, counter),
    start: async () => {
      opening.start();
      deps.generations.start();
      counter?.start();
      await clock.start();
    },
    stop: async () => {
      pulse.close();
      await Promise.all([clock.stop(), opening.stop(), counter?.stop()]);
    },
    liveness: () => true,
    readiness: () => healthOf(deps, opening.done),
  };
}

function isOutage(error: unknown): boolean {
  return !isSomaError(error) || error.retryable;
}

type ReadsDeps = QueryDeps &
  Record<'indexBreaker' | 'embedderBreaker' | 'cacheBreaker', ReturnType<typeof createBreaker>> & {
    clock: StoreClock;
    pulse: WriterPulse;
  };

function createReads(deps: ReadsDeps): Reads {
  const { watch, links, memories, index, generations, pulse } = deps;
  const metrics = createSearchMetrics(deps.registry);
  const scans = new Scans(deps.registry);
  const once = onceReached(watch);
  return {
    get: once(MEMORIES, (namespace, keys, options) => getMemories(namespace, keys, options, deps)),
    list: once(MEMORIES, (namespace, request, options) =>
      scans.run(options, () => listMemories(namespace, request, options, memories)),
    ),
    range: once(MEMORIES, (namespace, request, options) =>
      scans.run(options, () => memoriesInRange(namespace, request, options, memories)),
    ),
    count: once(MEMORIES, (namespace, { filter }, options) =>
      scans.run(options, () => memories.listing.count(namespace, filter, options.signal)),
    ),
    history: once(MEMORIES, (namespace, request, options) =>
      readHistory(namespace, request, options, memories.history),
    ),
    changes: once(MEMORIES, (namespace, request, options) =>
      followChanges(namespace, request, options, { memories, pulse }),
    ),
    past: once(MEMORIES, (namespace, request, options) =>
      readPast(namespace, request, options, memories.history),
    ),
    search: once(INDEX, async (namespace, request, options) => {
      const { collection, embedder } = await generations.active();
      const named = { ...deps, collection, embedder, metrics };
      return held(await search(namespace, request, named, options.signal), options);
    }),
    neighbors: once(LINKS, async (namespace, request, options) =>
      held(await links.neighbors({ namespace, ...request }), options),
    ),
    path: once(LINKS, async (namespace, request, options) => {
      const path = await links.path({ namespace, ...request });
      if (path === undefined) throw new SomaError('no_path', `no path of at most ${request.max_depth} links`);
      return held(path, options);
    }),
    namespaces: (request) => memories.listing.namespaces(request),
    totals: async () => {
      const [stored, linked, indexed] = await Promise.all([
        memories.totals(),
        links.totals(),
        generations
          .active()
          .then(({ collection }) => index.count(collection))
          .catch(() => 0),
      ]);
      return {
        memories: stored.total,
        by_type: stored.by_type,
        namespaces: stored.namespaces,
        links: linked.links,
        indexed,
      };
    },
    health: () => healthOf(deps, () => true),
  };
}

/** Makes reads that first wait until what they depend on is there. */
function onceReached(watch: ProgressWatch) {
  return <Request, Answer>(
      dependencies: Dependency[],
      read: (namespace: string, request: Request, options: ReadOptions) => Promise<Answer>,
    ) =>
    async (namespace: string, request: Request, options: ReadOptions): Promise<Answer> => {
      await awaitPositions(watch, dependencies, options);
      return read(namespace, request, options);
    };
}

/** Small enough to be read whole before it is counted: a search has 100 memories at most, a walk 500. */
function held<T>(answer: T, { hold }: ReadOptions): T {
  hold?.(answerBytes(answer));
  return answer;
}

async function healthOf(
  { ledger, index, cache }: QueryDeps,
  opened: () => boolean,
): Promise<Record<string, boolean>> {
  return probe({
    store: () => ledger.ping(),
    index: async () => {
      await index.ping();
      return opened();
    },
    cache: () => cache.ping(),
  });
}

/** Opens the embedder and the index in the background; searches meanwhile answer from Postgres. */
function openIndex({ generations, index, logger, onCrash }: QueryDeps) {
  const stopping = new AbortController();
  let opened = false;
  let work: Promise<void> = Promise.resolve();
  const open = async (): Promise<void> => {
    await generations.begin();
    const { collection: name, embedder, model, dimension } = (await generations.written()).whole[0];
    await embedder.start();
    await index.ensureCollection({ name, model, dimension });
    await index.start();
    opened = true;
  };
  return {
    done: () => opened,
    start: () => {
      work = retryUntilDone(open, {
        signal: stopping.signal,
        onFailure: (error, attempt) => {
          if (isSomaError(error) && !error.retryable) throw error;
          logger.warn({ err: error, attempt }, 'the index or the embedder does not answer; will try again');
        },
      }).catch((error: unknown) => {
        if (!stopping.signal.aborted) onCrash(error as Error);
      });
    },
    stop: async () => {
      stopping.abort();
      await work;
    },
  };
}
