import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { matches, SomaError, type Filterable } from '@soma/memory';
import type { Candidate, IndexCandidates, IndexQuery } from '../port.js';
import { compileFilter, payloadOf } from './compile-filter.js';
import { and, type Expression } from './expression.js';
import { DENSE, SPARSE, type PointPayload } from './qdrant-point.js';

export interface SearchOptions {
  params: Schemas['SearchParams'];
  consistency: Schemas['ReadConsistency'] | undefined;
}

/**
 * The one filter of every search. There is none without a namespace, nor one that finds what is deleted or expired.
 */
export function searchFilter(namespace: string, now: number, filter: Expression): Expression {
  return and([
    { key: 'namespace', match: { value: namespace } },
    { key: 'deleted', match: { value: false } },
    { key: 'expires_at', range: { gt: Math.floor(now) } },
    filter,
  ]);
}

/** One list of candidates as it fills. */
interface Collecting {
  using: typeof DENSE | typeof SPARSE;
  query: Schemas['QueryRequest']['query'] & object;
  limit: number;
  /** By key: pages overlap when points change between them. */
  found: Map<string, Candidate>;
  examined: number;
  isDone: boolean;
}

/** When candidates are to be checked, how many more are fetched than asked for, and how many one page may have. */
const OVERFETCH = 4;
const MOST_PER_PAGE = 5_000;
/** Candidates that may be checked for one list before the search is refused. */
const MOST_EXAMINED = 50_000;

/** Both lists in one round trip; in several when the filter is beyond Qdrant and candidates have to be checked. */
export async function searchPoints(
  client: QdrantClient,
  collection: string,
  query: IndexQuery,
  options: SearchOptions,
): Promise<IndexCandidates> {
  const compiled = compileFilter(query.filter);
  const filter = searchFilter(query.namespace, query.now, compiled.widest);
  const dense = collecting(DENSE, query.dense?.limit, query.dense && Array.from(query.dense.vector));
  const hasTerms = query.sparse !== null && query.sparse.vector.indices.length > 0;
  const sparse = collecting(
    SPARSE,
    hasTerms ? query.sparse?.limit : 0,
    hasTerms ? query.sparse?.vector : undefined,
  );
  const passes = (payload: PointPayload) =>
    compiled.isExact || matches(query.filter, payload.fields as Filterable);
  const withPayload = ['key', 'revision', ...(compiled.isExact ? [] : payloadOf(query.filter))];
  for (;;) {
    const pending = [dense, sparse].filter((list) => !list.isDone);
    if (typeof filter === 'boolean' || pending.length === 0) break;
    const pages = pending.map((list) => (compiled.isExact ? list.limit : pageAfter(list)));
    const searches = pending.map((list, at) => ({
      query: list.query,
      using: list.using,
      filter: { must: [filter] },
      limit: pages[at] ?? 0,
      offset: list.examined,
      params: options.params,
      with_payload: withPayload,
    }));
    const answers = await client.queryBatch(collection, {
      searches,
      ...(options.consistency === undefined ? {} : { consistency: options.consistency }),
    });
    for (const [at, list] of pending.entries()) take(list, answers[at]?.points ?? [], pages[at] ?? 0, passes);
  }
  return { dense: bestOf(dense), sparse: bestOf(sparse) };
}

function collecting(
  using: Collecting['using'],
  limit: number | undefined,
  query: Collecting['query'] | null | undefined,
): Collecting {
  const wanted = limit ?? 0;
  return { using, query: query ?? [], limit: wanted, found: new Map(), examined: 0, isDone: wanted === 0 };
}

function pageAfter(list: Collecting): number {
  return Math.min(MOST_PER_PAGE, Math.max(list.limit * OVERFETCH, list.examined));
}

function take(
  list: Collecting,
  points: Schemas['ScoredPoint'][],
  asked: number,
  passes: (payload: PointPayload) => boolean,
): void {
  for (const { payload, score } of points) {
    const point = payload as unknown as PointPayload;
    if (passes(point)) list.found.set(point.key, { key: point.key, revision: point.revision, score });
  }
  list.examined += points.length;
  list.isDone = list.found.size >= list.limit || points.length < asked;
  if (!list.isDone && list.examined >= MOST_EXAMINED) {
    throw new SomaError(
      'invalid_filter',
      'the filter passes too few memories by an order, prefix, presence or null that the index cannot look up; add an equality',
    );
  }
}

function bestOf({ found, limit }: Collecting): Candidate[] {
  return [...found.values()].sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1)).slice(0, limit);
}
