import { matches } from '@soma/memory';
import type { Candidate, IndexQuery, LivePoint } from '../port.js';

/** Every point that either way could find, best first, computed the plain way: a search gives the beginnings of these. */
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

/** Every point that has a vector. */
function referenceDense(passing: LivePoint[], { dense }: IndexQuery): Candidate[] {
  if (dense === null) return [];
  return bestFirst(
    passing.flatMap((point) =>
      point.dense === null ? [] : [scored(point, cosine(point.dense, dense.vector))],
    ),
  );
}

/** Every point that shares a term. */
function referenceSparse(passing: LivePoint[], collection: LivePoint[], { sparse }: IndexQuery): Candidate[] {
  if (sparse === null) return [];
  const { indices, values } = sparse.vector;
  const documents = collection.filter((point) => point.sparse.indices.length > 0).length;
  const idf = (term: number) => {
    const frequency = collection.filter((point) => point.sparse.indices.includes(term)).length;
    return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));
  };
  const weights = new Map(indices.map((term, at) => [term, (values[at] ?? 0) * idf(term)]));
  return bestFirst(
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
  );
}

function scored({ key, revision }: LivePoint, score: number): Candidate {
  return { key, revision, score };
}

function bestFirst(candidates: Candidate[]): Candidate[] {
  return candidates.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
