import { matches } from '@soma/memory';
import type { Candidate, IndexQuery, LivePoint } from '../port.js';

/** What the port says a search finds, computed the plain way. */
export function referenceSearch(
  points: LivePoint[],
  query: IndexQuery,
): { dense: Candidate[]; sparse: Candidate[] } {
  const passing = points.filter(
    (point) =>
      point.namespace === query.namespace &&
      (point.fields.expires_at === null || point.fields.expires_at > query.now) &&
      matches(query.filter, point.fields),
  );
  return { dense: referenceDense(passing, query), sparse: referenceSparse(passing, points, query) };
}

function referenceDense(passing: LivePoint[], { dense }: IndexQuery): Candidate[] {
  if (dense === null) return [];
  return best(
    passing.flatMap((point) =>
      point.dense === null ? [] : [scored(point, cosine(point.dense, dense.vector))],
    ),
    dense.limit,
  );
}

function referenceSparse(passing: LivePoint[], collection: LivePoint[], { sparse }: IndexQuery): Candidate[] {
  if (sparse === null) return [];
  const { indices, values } = sparse.vector;
  const documents = collection.filter((point) => point.sparse.indices.length > 0).length;
  const idf = (term: number) => {
    const frequency = collection.filter((point) => point.sparse.indices.includes(term)).length;
    return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));
  };
  const weights = new Map(indices.map((term, at) => [term, (values[at] ?? 0) * idf(term)]));
  return best(
    passing
      .filter((point) => point.sparse.indices.some((term) => weights.has(term)))
      .map((point) => {
        const terms = point.sparse.indices.map(
          (term, at) => (weights.get(term) ?? 0) * (point.sparse.values[at] ?? 0),
        );
        return scored(
          point,
          terms.reduce((sum, term) => sum + term, 0),
        );
      }),
    sparse.limit,
  );
}

function scored({ key, revision }: LivePoint, score: number): Candidate {
  return { key, revision, score };
}

function best(candidates: Candidate[], limit: number): Candidate[] {
  return candidates.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1)).slice(0, limit);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
