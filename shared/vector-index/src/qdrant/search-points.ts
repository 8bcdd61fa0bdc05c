import type { QdrantClient } from '@qdrant/js-client-rest';
import type { Candidate, IndexCandidates, IndexQuery } from '../port.js';
import { checkedSearch } from './checked-search.js';
import { compileFilter } from './compile-filter.js';
import { and, type Expression } from './expression.js';
import { DENSE, SPARSE } from './qdrant-point.js';
import {
  ABOUT,
  aboutOf,
  bestFirst,
  candidateOf,
  patienceOf,
  type Search,
  type SearchOptions,
  type Way,
  TERMS,
  type Ways,
} from './search.js';

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

/** Both lists in one round trip; in several when the filter is beyond Qdrant and candidates have to be checked. */
export async function searchPoints(
  client: QdrantClient,
  collection: string,
  query: IndexQuery,
  options: SearchOptions,
): Promise<IndexCandidates> {
  const compiled = compileFilter(query.filter);
  const filter = searchFilter(query.namespace, query.now, compiled.widest);
  const ways = waysOf(query);
  if (typeof filter === 'boolean') return NOTHING;
  const search = { client, collection, filter, ways, options };
  const terms = query.about ? (query.sparse?.vector.indices ?? []) : null;
  return compiled.isExact ? exactSearch(search, terms) : checkedSearch(search, terms, query.filter);
}

const NOTHING: IndexCandidates = { dense: [], sparse: [], about: new Map() };

function waysOf({ dense, sparse }: IndexQuery): Ways {
  const ways: Ways = {};
  if (dense !== null && dense.limit > 0)
    ways.dense = { using: DENSE, query: Array.from(dense.vector), limit: dense.limit };
  if (sparse !== null && sparse.limit > 0 && sparse.vector.indices.length > 0)
    ways.sparse = { using: SPARSE, query: sparse.vector, limit: sparse.limit };
  return ways;
}

/** What either way finds is fetched first, then scored by each: https://qdrant.tech/documentation/concepts/hybrid-queries/ */
async function exactSearch(
  { client, collection, filter, ways, options }: Search,
  terms: readonly number[] | null,
): Promise<IndexCandidates> {
  const asked = Object.values(ways);
  const plain = (way: Way) => ({ ...way, filter: { must: [filter] }, params: options.params });
  const limit = asked.reduce((sum, way) => sum + way.limit, 0);
  const searches = asked.map((way) => ({
    ...(asked.length === 1 ? plain(way) : { ...way, prefetch: asked.map(plain), limit }),
    with_payload: terms === null ? ['key', 'revision'] : ABOUT,
    with_vector: terms !== null && way.using === SPARSE ? TERMS : false,
  }));
  if (searches.length === 0) return NOTHING;
  const answers = await client.queryBatch(collection, { searches, ...patienceOf(options) });
  const found = (using: Way['using']): Candidate[] =>
    bestFirst((answers[asked.findIndex((way) => way.using === using)]?.points ?? []).map(candidateOf));
  const about =
    terms === null
      ? NOTHING.about
      : aboutOf(
          answers.flatMap(({ points }) => points),
          terms,
        );
  return { dense: found(DENSE), sparse: found(SPARSE), about };
}
