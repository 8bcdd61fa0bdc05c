import type { Filter, Filterable, RecallFacts } from '@soma/memory';

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
 * - Asked for both, each list goes on with what only the other found and it can score too, so that whoever weighs
 *   them knows both scores of every candidate.
 * - What it tells about a candidate is of the revision that it found.
 * - Progress of a partition is stored with the points, so that a wiped or restored index shows it.
 * - Errors: index_unavailable (retryable) when it does not answer or has no such collection; invalid_configuration
 *   for a vector of another dimension; never a partial answer.
 */
export interface VectorIndex {
  /** Makes the collection when it is missing; refuses (invalid_configuration) one of another model or dimension. */
  ensureCollection(collection: CollectionSpec): Promise<void>;
  upsert(collection: string, points: IndexPoint[]): Promise<void>;
  /** MAY end when the signal is aborted, and should cost nothing any more then. */
  search(collection: string, query: IndexQuery, signal?: AbortSignal): Promise<IndexCandidates>;
  /** Last command position per partition that the collection holds; -1 where it holds none, or is not there at all. */
  progress(collection: string, partitions: number[]): Promise<Map<number, PartitionProgress>>;
  setProgress(collection: string, partition: number, progress: PartitionProgress): Promise<void>;
  /** As setProgress, but only where it holds one of `from`, or `to` already; false, and nothing changed, where not. */
  moveProgress(collection: string, partition: number, move: ProgressStep): Promise<boolean>;
  /** Removes deletions written before `before` (epoch milliseconds); returns how many. */
  prune(collection: string, before: number): Promise<number>;
  /** Live points of the collection, over all namespaces. */
  count(collection: string): Promise<number>;
  /** What the collection holds of these memories, in the order of the keys; undefined where it holds nothing. */
  revisions(
    collection: string,
    namespace: string,
    keys: readonly string[],
  ): Promise<(HeldRevision | undefined)[]>;
  /** Pages over all that it holds, deletions too. What is there from the first page to the last comes once. */
  scan(collection: string, page: ScanPage): Promise<HeldPage>;
  /** Takes out the points that are still of the revision given, so that an older state can be written again. */
  remove(collection: string, points: PointRevision[]): Promise<void>;
  /** Forgets the collection with all it holds; nothing happens when there is none. */
  dropCollection(collection: string): Promise<void>;
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

export interface ProgressStep {
  from: readonly PartitionProgress[];
  to: PartitionProgress;
}

export interface HeldRevision {
  revision: number;
  deleted: boolean;
}

export interface PointRevision {
  namespace: string;
  key: string;
  revision: number;
}

export interface HeldPoint extends PointRevision {
  deleted: boolean;
  partition: number;
}

export interface ScanPage {
  /** `next` of the page before; null for the first. */
  after: string | null;
  limit: number;
  /** Null: all. */
  namespace: string | null;
}

export interface HeldPage {
  points: HeldPoint[];
  /** Null when nothing follows. */
  next: string | null;
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
  /** What ranking looks at, so that it need not be read elsewhere. */
  facts: RecallFacts;
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
  /** Whether `about` is wanted. */
  about: boolean;
}

export interface IndexCandidates {
  /**
   * The `limit` best, then what only the other list found, each part best first. `score` of dense is the cosine, of
   * sparse the BM25 sum. Empty when not asked for. Shorter than `limit` only when nothing more passes.
   */
  dense: Candidate[];
  sparse: Candidate[];
  /** Of every candidate, by its key; empty when not asked for. */
  about: ReadonlyMap<string, AboutCandidate>;
}

export interface AboutCandidate {
  /** Null when the point was written before points had them. */
  facts: RecallFacts | null;
  /** Which terms of the query it has: their places in the query's sparse vector, ascending. */
  terms: number[];
}

export interface Candidate {
  key: string;
  revision: number;
  score: number;
}
