import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import type { AboutCandidate, Candidate } from '../port.js';
import { termsHad } from '../terms-had.js';
import { SPARSE, type DENSE, type PointPayload } from './qdrant-point.js';

export interface SearchOptions {
  params: Schemas['SearchParams'];
  consistency: Schemas['ReadConsistency'] | undefined;
  /** Qdrant ends a search after so many seconds: nobody waits for it any more. */
  timeout: number;
}

/** One of the two ways in which a query looks for points. */
export interface Way {
  using: typeof DENSE | typeof SPARSE;
  query: Schemas['QueryRequest']['query'] & object;
  limit: number;
}

export type Ways = Partial<Record<typeof DENSE | typeof SPARSE, Way>>;

export interface Search {
  client: QdrantClient;
  collection: string;
  filter: Schemas['Condition'];
  ways: Ways;
  options: SearchOptions;
}

export function candidateOf({ payload, score }: Schemas['ScoredPoint']): Candidate {
  const { key, revision } = payload as unknown as PointPayload;
  return { key, revision, score };
}

/** What is asked for with points, so that `aboutOf` can tell of them; what the sparse way did not find has no term. */
export const ABOUT = ['key', 'revision', 'facts'];
export const TERMS = [SPARSE];

/** Of a point that comes twice the later one counts. @param asked terms of the query */
export function aboutOf(
  points: readonly Pick<Schemas['Record'], 'payload' | 'vector'>[],
  asked: readonly number[],
): Map<string, AboutCandidate> {
  const termsOf = termsHad(asked);
  const about = new Map<string, AboutCandidate>();
  for (const { payload, vector } of points) {
    const { key, facts = null } = payload as unknown as PointPayload;
    const { [SPARSE]: sparse } = (vector ?? {}) as { [SPARSE]?: Schemas['SparseVector'] };
    about.set(key, { facts, terms: termsOf(sparse?.indices ?? []) });
  }
  return about;
}

export function bestFirst(candidates: Candidate[]): Candidate[] {
  return candidates.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
}

/** What goes with every request of a search. */
export function patienceOf({ consistency, timeout }: SearchOptions): {
  consistency?: Schemas['ReadConsistency'];
  timeout: number;
} {
  return consistency === undefined ? { timeout } : { consistency, timeout };
}
