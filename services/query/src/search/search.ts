import { SomaError, type Memory } from '@soma/memory';
import type { SearchAnswer, SearchRequest } from '@soma/reads';
import type { IndexCandidates } from '@soma/vector-index';
import { contextsOf } from './context.js';
import { Degradation } from './degradation.js';
import { embedQuery, findCandidates } from './candidates.js';
import { hydrate, type Hydrated } from './hydrate.js';
import { possibleNames, readQuestion, type Question } from './question.js';
import { orWithout } from './or-without.js';
import { rank, type Ranked } from './rank.js';
import { lookAround, NO_SURROUNDINGS } from './surroundings.js';
import { ownScore, scoresOf } from './view.js';
import type { Search, SearchDeps } from './search-deps.js';
import { weighted } from './weights.js';

/** Candidates of each kind beyond what was asked for; the study found 30 to 200 to change nothing. */
const CANDIDATES = 100;
const MAX_CANDIDATES = 1_000;

/** analyse → candidates → surroundings → rank → hydrate → context. What is out is left out, and said. */
export async function search(
  namespace: string,
  request: SearchRequest,
  deps: SearchDeps,
  signal: AbortSignal | undefined,
): Promise<SearchAnswer> {
  const started = performance.now();
  if (request.min_similarity !== null && deps.embedder.meaning === 'nothing') {
    throw new SomaError(
      'invalid_request',
      'min_similarity needs an embedding model; this installation searches by words',
    );
  }
  const degradation = new Degradation(deps.metrics);
  const [question, vector] = await Promise.all([
    deps.metrics.timed('speaker', () => analyse(namespace, request, degradation, deps)),
    deps.metrics.timed('embed', () => embedQuery(request, deps, degradation, signal)),
  ]);
  const found = await refill({ namespace, request, question, vector, degradation }, deps);
  const hits = found.slice(request.offset, request.offset + request.top_k);
  const contexts = await contextOf(namespace, hits, request, deps);
  return {
    hits: hits.map((hit, at) => hitOf(hit, contexts?.[at] ?? null, request, deps)),
    degraded: degradation.reasons.length > 0,
    degraded_reasons: degradation.reasons,
    took_ms: Math.round((performance.now() - started) * 1000) / 1000,
  };
}

async function analyse(
  namespace: string,
  { query, mode, user_id }: SearchRequest,
  degradation: Degradation,
  { memories, logger }: SearchDeps,
): Promise<Question> {
  if (mode !== 'hybrid') return readQuestion(query, null);
  const asking = memories.recall.speakers({ namespace, user_id }, possibleNames(query));
  const [only, ...others] = await orWithout([], 'thread_unavailable', asking, { degradation, logger });
  return readQuestion(query, others.length === 0 ? (only ?? null) : null);
}

/** Until there is enough: hits that fell away are replaced from further down. */
async function refill(asked: Search, deps: SearchDeps): Promise<Hydrated[]> {
  const { namespace, request } = asked;
  const wanted = request.offset + request.top_k;
  for (
    let limit = Math.min(MAX_CANDIDATES, Math.max(CANDIDATES, wanted));
    ;
    limit = Math.min(MAX_CANDIDATES, limit * 4)
  ) {
    const candidates = await deps.metrics.timed('candidates', () => findCandidates(asked, limit, deps));
    const ranked = await weigh(asked, candidates, deps);
    const hits = await deps.metrics.timed('hydrate', () =>
      hydrate(namespace, ranked, request.filter, wanted, deps.memories),
    );
    const exhausted = candidates.dense.length < limit && candidates.sparse.length < limit;
    if (hits.length >= wanted || exhausted || limit === MAX_CANDIDATES) return hits;
  }
}

async function weigh(
  { namespace, request, question, degradation }: Search,
  candidates: IndexCandidates,
  deps: SearchDeps,
): Promise<Ranked[]> {
  const scores = scoresOf(candidates);
  const found = [...new Set([...candidates.sparse, ...candidates.dense].map(({ key }) => key))];
  const isPlain = request.mode !== 'hybrid' && request.recency === null && request.importance_weight === 0;
  const surroundings = isPlain
    ? NO_SURROUNDINGS
    : await deps.metrics.timed('surroundings', () => {
        const best = found.toSorted((a, b) => ownScore(b, scores) - ownScore(a, scores));
        return lookAround({ namespace, user_id: request.user_id }, best, question, { ...deps, degradation });
      });
  return deps.metrics.timed('rank', () => {
    // Who stands beside a candidate may answer although neither its words nor its meaning were found.
    const keys = request.mode === 'hybrid' ? [...new Set([...found, ...surroundings.facts.keys()])] : found;
    const view = { ...surroundings, ...scores, question, request, now: deps.clock.now() };
    return rank(keys, candidates, view, request, weighted(deps.weights, deps.embedder.meaning));
  });
}

async function contextOf(
  namespace: string,
  hits: readonly Hydrated[],
  request: SearchRequest,
  { memories, metrics }: SearchDeps,
): Promise<Memory[][] | null> {
  if (request.context === 0) return null;
  const found = hits.map(({ memory }) => memory);
  return metrics.timed('context', () => contextsOf(namespace, found, request, memories));
}

function hitOf(
  { memory, ranked }: Hydrated,
  context: Memory[] | null,
  request: SearchRequest,
  { embedder }: SearchDeps,
): SearchAnswer['hits'][number] {
  return {
    memory,
    score: ranked.score,
    similarity: embedder.meaning === 'nothing' ? null : ranked.similarity,
    context,
    explain: request.explain ? ranked.features : null,
  };
}
