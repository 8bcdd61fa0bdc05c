import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import type { Candidate } from '../port.js';
import type { DENSE, PointPayload, SPARSE } from './qdrant-point.js';

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
