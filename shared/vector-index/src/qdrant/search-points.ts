import type { QdrantClient } from '@qdrant/js-client-rest';
import type { Candidate, IndexCandidates, IndexQuery } from '../port.js';
import { checkedSearch } from './checked-search.js';
import { compileFilter } from './compile-filter.js';
import { and, type Expression } from './expression.js';
import { DENSE, SPARSE } from './qdrant-point.js';
import {
  bestFirst,
  candidateOf,
  patienceOf,
  type Search,
  type SearchOptions,
  type Way,
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
  if (typeof filter === 'boolean') return { dense: [], sparse: [] };
  const search = { client, collection, filter, ways, options };
  return compiled.isExact ? exactSearch(search) : checkedSearch(search, query.filter);
}

function waysOf({ dense, sparse }: IndexQuery): Ways {
  const ways: Ways = {};
  if (dense !== null && dense.limit > 0)
    ways.dense = { using: DENSE, query: Array.from(dense.vector), limit: dense.limit };
  if (sparse !== null && sparse.limit > 0 && sparse.vector.indices.length > 0)
    ways.sparse = { using: SPARSE, query: sparse.vector, limit: sparse.limit };
  return ways;
}

/** What either way finds is fetched first, then scored by each: https://qdrant.tech/documentation/concepts/hybrid-queries/ */
async function exactSearch({ client, collection, filter, ways, options }: Search): Promise<IndexCandidates> {
  const asked = Object.values(ways);
  const plain = (way: Way) => ({ ...way, filter: { must: [filter] }, params: options.params });
  const limit = asked.reduce((sum, way) => sum + way.limit, 0);
  const searches = asked.map((way) => ({
    ...(asked.length === 1 ? plain(way) : { ...way, prefetch: asked.map(plain), limit }),
    with_payload: ['key', 'revision'],
  }));
  if (searches.length === 0) return { dense: [], sparse: [] };
  const answers = await client.queryBatch(collection, { searches, ...patienceOf(options) });
  const found = (using: Way['using']): Candidate[] =>
    bestFirst((answers[asked.findIndex((way) => way.using === using)]?.points ?? []).map(candidateOf));
  return { dense: found(DENSE), sparse: found(SPARSE) };
}
