import type { SearchRequest } from '@soma/reads';
import type { IndexCandidates } from '@soma/vector-index';
import type { Degradation } from './degradation.js';
import type { Search, SearchDeps } from './search-deps.js';

/** Null when the search goes by words alone. */
export async function embedQuery(
  request: SearchRequest,
  { embedder, embedderBreaker, logger }: SearchDeps,
  degradation: Degradation,
  signal: AbortSignal | undefined,
): Promise<Float32Array | null> {
  const asked = request.mode === 'dense' || (request.mode === 'hybrid' && embedder.meaning !== 'nothing');
  if (!asked || request.query === '') return null;
  try {
    const [embedding] = await embedderBreaker.run(() =>
      embedder.embed([request.query], { purpose: 'query', ...(signal === undefined ? {} : { signal }) }),
    );
    if (embedding !== undefined && 'vector' in embedding) return embedding.vector;
    degradation.add('query_not_embeddable');
  } catch (error) {
    logger.warn({ err: error }, 'search goes on without the embedder');
    degradation.add('embedder_unavailable');
  }
  return null;
}

/** By words and by meaning from the index in one round trip; from Postgres when the index is out. */
export async function findCandidates(
  { namespace, request, question, vector, degradation }: Search,
  limit: number,
  { index, collection, memories, indexBreaker, clock, logger }: SearchDeps,
): Promise<IndexCandidates> {
  const byWords = request.mode !== 'dense' || vector === null;
  try {
    return await indexBreaker.run(() =>
      index.search(collection, {
        namespace,
        filter: request.filter,
        now: clock.now(),
        dense: vector === null ? null : { vector, limit },
        sparse: byWords ? { vector: question.words, limit } : null,
      }),
    );
  } catch (error) {
    logger.warn({ err: error }, 'search goes to Postgres');
    degradation.add('index_unavailable');
    const found = await memories.keywordSearch({
      namespace,
      text: request.query,
      filter: request.filter,
      limit,
    });
    return { dense: [], sparse: found.map(({ key, score }) => ({ key, revision: 0, score })) };
  }
}
