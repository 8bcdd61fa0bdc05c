import { isSomaError, SomaError, type Memory } from '@soma/memory';
import type { SearchAnswer, SearchRequest } from '@soma/reads';
import type { IndexCandidates } from '@soma/vector-index';
import { contextsOf } from './context.js';
import { Deadline } from './deadline.js';
import { Degradation } from './degradation.js';
import { embedQuery, findCandidates, wantsSurroundings } from './candidates.js';
import { hydrate, type Hydrated } from './hydrate.js';
import { byMention, marksOf, possibleNames, readQuestion, type Question } from './question.js';
import { rank, type Ranked } from './rank.js';
import { inTime, lookAround, NO_SURROUNDINGS } from './surroundings.js';
import { matchesOf, ownScore } from './view.js';
import type { Search, SearchDeps, SearchParts } from './search-deps.js';
import { weightsFor } from './weights.js';

/**
 * Candidates of each kind, and how many when those do not suffice. Two numbers only: pages of one answer continue each
 * other as long as they are chosen from the same candidates.
 */
const CANDIDATES = 100;
const MAX_CANDIDATES = 1_000;

/**
 * analyse → candidates → surroundings → rank → hydrate → context. What is out, or not there in time, is left out, and
 * said.
 * @param signal aborted when the caller is gone: what is under way ends then
 * @throws SomaError deadline_exceeded when there is nothing to answer with in time
 */
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
  const parts = { degradation, deadline: new Deadline(deps.searchTimeoutMs, signal) };
  const [question, vector] = await Promise.all([
    deps.metrics.timed('speaker', () => analyse(namespace, request, { ...deps, ...parts })),
    deps.metrics.timed('embed', () => embedQuery(request, parts, deps)),
  ]);
  const asked = { namespace, request, question, vector, ...parts };
  const found = await refill(asked, deps);
  const hits = found.slice(request.offset, request.offset + request.top_k);
  const contexts = await contextOf(hits, asked, deps);
  return {
    hits: hits.map((hit, at) => hitOf(hit, contexts[at] ?? null, deps)),
    degraded: degradation.reasons.length > 0,
    degraded_reasons: degradation.reasons,
    took_ms: Math.round((performance.now() - started) * 1000) / 1000,
  };
}

async function analyse(
  namespace: string,
  { query, mode, user_id }: SearchRequest,
  deps: SearchDeps & SearchParts,
): Promise<Question> {
  if (mode !== 'hybrid') return readQuestion(query, new Map());
  const names = possibleNames(query);
  const speakers = await inTime(
    'thread_unavailable',
    (signal) => deps.memories.recall.speakers({ namespace, user_id }, names, signal),
    deps,
  );
  return readQuestion(query, byMention(names, speakers));
}

/** Until there is enough: hits that fell away are replaced from further down, while there is time. */
async function refill(asked: Search, deps: SearchDeps): Promise<Hydrated[]> {
  const wanted = asked.request.offset + asked.request.top_k;
  let hits: Hydrated[] = [];
  for (const limit of wanted > CANDIDATES ? [MAX_CANDIDATES] : [CANDIDATES, MAX_CANDIDATES]) {
    const round = await orWithoutMore(hits, asked, () => findHits(asked, limit, wanted, deps));
    hits = round.hits;
    if (hits.length >= wanted || round.isExhausted) break;
  }
  return hits;
}

interface Round {
  hits: Hydrated[];
  /** There are no further candidates. */
  isExhausted: boolean;
}

async function findHits(asked: Search, limit: number, wanted: number, deps: SearchDeps): Promise<Round> {
  const { metrics, memories } = deps;
  const { namespace, request, deadline } = asked;
  const candidates = await metrics.timed('candidates', () => findCandidates(asked, limit, deps));
  const ranked = await weigh(asked, candidates, deps);
  const hits = await metrics.timed('hydrate', () =>
    hydrate(namespace, ranked, request.filter, wanted, { memories, deadline }),
  );
  return { hits, isExhausted: candidates.dense.length < limit && candidates.sparse.length < limit };
}

/** Hits of an earlier round are an answer when there is no time for another one. */
async function orWithoutMore(
  hits: Hydrated[],
  { degradation }: Search,
  another: () => Promise<Round>,
): Promise<Round> {
  try {
    return await another();
  } catch (error) {
    if (hits.length === 0 || !isSomaError(error) || error.code !== 'deadline_exceeded') throw error;
    degradation.add('out_of_time');
    return { hits, isExhausted: true };
  }
}

async function weigh(
  { namespace, request, question, deadline, degradation }: Search,
  candidates: IndexCandidates,
  deps: SearchDeps,
): Promise<Ranked[]> {
  const matches = matchesOf(candidates);
  const weights = weightsFor(deps.weights, deps.embedder.meaning);
  const found = [...new Set([...candidates.sparse, ...candidates.dense].map(({ key }) => key))];
  const surroundings = wantsSurroundings(request)
    ? await deps.metrics.timed('surroundings', () => {
        const best = found.toSorted((a, b) => ownScore(b, matches) - ownScore(a, matches));
        const whose = { namespace, user_id: request.user_id };
        const marks = marksOf(question, request, weights);
        return lookAround(whose, best, candidates.about, marks, { ...deps, deadline, degradation });
      })
    : NO_SURROUNDINGS;
  return deps.metrics.timed('rank', () => {
    // Who stands beside a candidate may answer although neither its words nor its meaning were found.
    const keys = request.mode === 'hybrid' ? [...new Set([...found, ...surroundings.facts.keys()])] : found;
    const view = { ...surroundings, ...matches, question, request, now: deps.clock.now() };
    return rank(keys, candidates, view, request, weights);
  });
}

async function contextOf(
  hits: readonly Hydrated[],
  { namespace, request, deadline, degradation }: Search,
  { memories, metrics, logger }: SearchDeps,
): Promise<Memory[][]> {
  if (request.context === 0) return [];
  const found = hits.map(({ memory }) => memory);
  return metrics.timed('context', () =>
    inTime('thread_unavailable', (signal) => contextsOf(namespace, found, request, memories, signal), {
      deadline,
      degradation,
      logger,
    }),
  );
}

function hitOf(
  { memory, ranked }: Hydrated,
  context: Memory[] | null,
  { embedder }: SearchDeps,
): SearchAnswer['hits'][number] {
  return {
    memory,
    score: ranked.score,
    similarity: embedder.meaning === 'nothing' ? null : ranked.similarity,
    context,
    explain: ranked.explain,
  };
}
