import type { SearchRequest } from '@soma/reads';
import type { IndexCandidates } from '@soma/vector-index';
import { orWithout } from './or-without.js';
import type { Search, SearchDeps, SearchParts } from './search-deps.js';

/** Null when the search goes by words alone. */
export async function embedQuery(
  { query, mode }: SearchRequest,
  { deadline, degradation }: SearchParts,
  { embedder, embedderBreaker, logger }: SearchDeps,
): Promise<Float32Array | null> {
  const asked = mode === 'dense' || (mode === 'hybrid' && embedder.meaning !== 'nothing');
  if (!asked || query === '') return null;
  const embed = (signal: AbortSignal) => embedder.embed([query], { purpose: 'query', signal });
  const [embedding] = await orWithout(
    'embedder_unavailable',
    () => embedderBreaker.run(() => deadline.within(deadline.half, embed)),
    () => [],
    { deadline, degradation, logger },
  );
  if (embedding === undefined) return null;
  if ('vector' in embedding) return embedding.vector;
  degradation.add('query_not_embeddable');
  return null;
}

/** Whether more counts than the score by words or by meaning. */
export function wantsSurroundings({ mode, recency, importance_weight }: SearchRequest): boolean {
  return mode === 'hybrid' || recency !== null || importance_weight !== 0;
}

/** By words and by meaning from the index in one round trip; from Postgres when the index is out. */
export async function findCandidates(
  search: Search,
  limit: number,
  { index, collection, memories, indexBreaker, clock, logger }: SearchDeps,
): Promise<IndexCandidates> {
  const { namespace, request, question, vector, deadline } = search;
  const byWords = request.mode !== 'dense' || vector === null;
  const fromIndex = (signal: AbortSignal) =>
    index.search(
      collection,
      {
        namespace,
        filter: request.filter,
        now: clock.now(),
        dense: vector === null ? null : { vector, limit },
        sparse: byWords ? { vector: question.words, limit } : null,
        about: wantsSurroundings(request),
      },
      signal,
    );
  const fromPostgres = async (): Promise<IndexCandidates> => {
    const query = { namespace, text: request.query, filter: request.filter, limit };
    const found = await deadline.within(deadline.left, (signal) => memories.keywordSearch(query, signal));
    return {
      dense: [],
      sparse: found.map(({ key, score }) => ({ key, revision: 0, score })),
      about: new Map(),
    };
  };
  return orWithout(
    'index_unavailable',
    () => indexBreaker.run(() => deadline.within(deadline.half, fromIndex)),
    fromPostgres,
    { ...search, logger },
  );
}
