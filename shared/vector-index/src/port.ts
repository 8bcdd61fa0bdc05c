import type { Filter, Filterable } from '@soma/memory';

/**
 * VectorIndex: dense and sparse vectors of memories, searched under a filter. What an implementation MUST do:
 *
 * - An upsert replaces a point only when the stored revision is older; what is newer stays. Deletions are points
 *   without vectors, kept on the same condition, never found by a search, and removed by `prune`.
 * - When `upsert` resolves, every search that begins later sees it (in every process that shares the index).
 * - A search returns only points of its namespace that pass its filter and have not expired at `now`.
 * - Scores: dense is the cosine; sparse is the dot product of the query's weights × idf with the point's weights,
 *   where idf = ln(1 + (N − n + 0.5) / (n + 0.5)) over the live points of the collection that have words (an index
 *   that keeps deletions beside them may count those until they are pruned); both best first, ties by key.
 * - Progress of a partition is stored with the points, so that a wiped or restored index shows it.
 * - Errors: index_unavailable (retryable) when it does not answer or has no such collection; invalid_configuration
 *   for a vector of another dimension; never a partial answer.
 */
export interface VectorIndex {
  /** Makes the collection when it is missing; refuses (invalid_configuration) one of another model or dimension. */
  ensureCollection(collection: CollectionSpec): Promise<void>;
  upsert(collection: string, points: IndexPoint[]): Promise<void>;
  search(collection: string, query: IndexQuery): Promise<IndexCandidates>;
  /** Last command position per partition that the collection holds; -1 where it holds none. */
  progress(collection: string, partitions: number[]): Promise<Map<number, PartitionProgress>>;
  setProgress(collection: string, partition: number, progress: PartitionProgress): Promise<void>;
  /** Removes deletions written before `before` (epoch milliseconds); returns how many. */
  prune(collection: string, before: number): Promise<number>;
  /** Live points of the collection, over all namespaces. */
  count(collection: string): Promise<number>;
  /** Loads what searches need, reporting progress; searches before that wait for it. */
  start(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface CollectionSpec {
  name: string;
  model: string;
  dimension: number;
}

export interface PartitionProgress {
  generation: number;
  command_position: number;
}

/** Sparse vector: term ids are 32-bit hashes of terms, ascending; weights are BM25 term weights without idf. */
export interface SparseVector {
  indices: number[];
  values: number[];
}

export type IndexPoint = LivePoint | DeletedPoint;

export interface LivePoint {
  deleted: false;
  namespace: string;
  key: string;
  partition: number;
  revision: number;
  /** Null when the embedder refused the text: found by its words only. */
  dense: Float32Array | null;
  sparse: SparseVector;
  /** What filters look at. Never handed out by a search. */
  fields: Filterable;
}

export interface DeletedPoint {
  deleted: true;
  namespace: string;
  key: string;
  partition: number;
  revision: number;
  /** Epoch milliseconds. */
  deleted_at: number;
}

export interface IndexQuery {
  namespace: string;
  filter: Filter;
  /** Epoch milliseconds; points that expire at or before it are not found. */
  now: number;
  dense: { vector: Float32Array; limit: number } | null;
  sparse: { vector: SparseVector; limit: number } | null;
}

export interface IndexCandidates {
  /** Best first. `score` of dense is the cosine, of sparse the BM25 sum. Empty when not asked for. */
  dense: Candidate[];
  sparse: Candidate[];
}

export interface Candidate {
  key: string;
  revision: number;
  score: number;
}
