import { queryVector } from '@soma/analysis';
import type { Embedder } from '@soma/embedder';
import { SomaError, type Memory } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { SearchAnswer, SearchRequest } from '@soma/reads';
import type { IndexCandidates, VectorIndex } from '@soma/vector-index';
import type { Breaker } from './breaker.js';
import { hydrate } from './hydrate.js';
import { rank, type Ranked } from './rank.js';
import type { Logger } from '@soma/service';
import type { StoreClock } from './store-clock.js';

export interface SearchDeps {
  memories: MemoryStore;
  index: VectorIndex;
  /** Which one is in use; asked for once a search, whose query and candidates so are of one model. */
  collection: () => Promise<string>;
  embedder: Embedder;
  indexBreaker: Breaker;
  embedderBreaker: Breaker;
  clock: StoreClock;
  logger: Logger;
}

/** Candidates of each kind beyond what was asked for; the study found 30 to 200 to change nothing. */
const CANDIDATES = 100;
const MAX_CANDIDATES = 1_000;

/** analyse → candidates → rank → hydrate. What is out is left out, and said. */
export async function search(
  namespace: string,
  request: SearchRequest,
  deps: SearchDeps,
  signal: AbortSignal | undefined,
): Promise<SearchAnswer> {
  const started = performance.now();
  if (request.min_similarity !== null && !deps.embedder.semantic) {
    throw new SomaError(
      'invalid_request',
      'min_similarity needs an embedding model; this installation searches by words',
    );
  }
  const degraded: string[] = [];
  const wanted = request.offset + request.top_k;
  const vector = await embedQuery(request, deps, degraded, signal);
  const named = { ...deps, collection: once(deps.collection) };
  let limit = Math.min(MAX_CANDIDATES, Math.max(CANDIDATES, wanted));
  for (;;) {
    const candidates = await findCandidates(namespace, request, vector, limit, named, degraded);
    const ranked = rank(candidates, request, deps.embedder.semantic);
    const hits = await hydrate(namespace, ranked, request.filter, wanted, deps.memories);
    const exhausted = candidates.dense.length < limit && candidates.sparse.length < limit;
    if (hits.length >= wanted || exhausted || limit === MAX_CANDIDATES) {
      return {
        hits: hits
          .slice(request.offset, wanted)
          .map(({ memory, ranked }) => hitOf(memory, ranked, request, deps)),
        degraded: degraded.length > 0,
        degraded_reasons: degraded,
        took_ms: Math.round((performance.now() - started) * 1000) / 1000,
      };
    }
    // Hits fell away: look further down.
    limit = Math.min(MAX_CANDIDATES, limit * 4);
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}

/** Null when the search goes by words alone. */
async function embedQuery(
  request: SearchRequest,
  { embedder, embedderBreaker, logger }: SearchDeps,
  degraded: string[],
  signal: AbortSignal | undefined,
): Promise<Float32Array | null> {
  const asked = request.mode === 'dense' || (request.mode === 'hybrid' && embedder.semantic);
  if (!asked || request.query === '') return null;
  try {
    const [embedding] = await embedderBreaker.run(() =>
      embedder.embed([request.query], { purpose: 'query', ...(signal === undefined ? {} : { signal }) }),
    );
    if (embedding !== undefined && 'vector' in embedding) return embedding.vector;
    degraded.push('query_not_embeddable');
  } catch (error) {
    logger.warn({ err: error }, 'search goes on without the embedder');
    degraded.push('embedder_unavailable');
  }
  return null;
}

async function findCandidates(
  namespace: string,
  request: SearchRequest,
  vector: Float32Array | null,
  limit: number,
  { index, collection, memories, indexBreaker, clock, logger }: SearchDeps,
  degraded: string[],
): Promise<IndexCandidates> {
  const byWords = request.mode !== 'dense' || vector === null;
  try {
    return await indexBreaker.run(async () =>
      index.search(await collection(), {
        namespace,
        filter: request.filter,
        now: clock.now(),
        dense: vector === null ? null : { vector, limit },
        sparse: byWords ? { vector: queryVector(request.query), limit } : null,
      }),
    );
  } catch (error) {
    logger.warn({ err: error }, 'search goes to Postgres');
    if (!degraded.includes('index_unavailable')) degraded.push('index_unavailable');
    const found = await memories.keywordSearch({
      namespace,
      text: request.query,
      filter: request.filter,
      limit,
    });
    return { dense: [], sparse: found.map(({ key, score }) => ({ key, revision: 0, score })) };
  }
}

function hitOf(
  memory: Memory,
  ranked: Ranked,
  request: SearchRequest,
  { embedder }: SearchDeps,
): SearchAnswer['hits'][number] {
  return {
    memory,
    score: ranked.score,
    similarity: embedder.semantic ? ranked.similarity : null,
    explain: request.explain ? ranked.features : null,
  };
}
