import type { PositionVector } from '@soma/ledger';
import type { Filter, Link, LinkDirection, Memory, MemoryType } from '@soma/memory';
import type { ChangesAnswer, ChangesRequest } from './changes.js';
import type { HistoryAnswer, HistoryRequest, PastRequest } from './history.js';
import type {
  CountRequest,
  ListAnswer,
  ListRequest,
  NamespacesRequest,
  RangeAnswer,
  RangeRequest,
} from './listing.js';

/**
 * Reads: what the query service answers, in process (standalone) or over its internal HTTP port (cluster).
 * Every method takes the namespace first, sees nothing else, and honours `after`: the answer is at least as new
 * as those positions, or not_yet_consistent once `waitMs` is over.
 */
export interface Reads {
  get(namespace: string, keys: string[], options: ReadOptions): Promise<(Memory | null)[]>;
  /** Each memory at most once, whatever is written between the pages. Rejects with cursor_expired. */
  list(namespace: string, request: ListRequest, options: ReadOptions): Promise<ListAnswer>;
  range(namespace: string, request: RangeRequest, options: ReadOptions): Promise<RangeAnswer>;
  count(namespace: string, request: CountRequest, options: ReadOptions): Promise<number>;
  /** Newest first, deletions among them. Rejects with memory_not_found. */
  history(namespace: string, request: HistoryRequest, options: ReadOptions): Promise<HistoryAnswer>;
  /** What a memory was. Rejects with memory_not_found, or history_expired where that is no longer kept. */
  past(namespace: string, request: PastRequest, options: ReadOptions): Promise<Memory>;
  /**
   * What changed behind a place, in the order of its making; when that is nothing, what changes within `waitMs`.
   * Rejects with cursor_expired where it is no longer kept.
   */
  changes(namespace: string, request: ChangesRequest, options: ReadOptions): Promise<ChangesAnswer>;
  search(namespace: string, request: SearchRequest, options: ReadOptions): Promise<SearchAnswer>;
  neighbors(namespace: string, request: NeighborsRequest, options: ReadOptions): Promise<GraphAnswer>;
  /** Rejects with no_path. */
  path(
    namespace: string,
    request: PathRequest,
    options: ReadOptions,
  ): Promise<GraphAnswer & { cost: number }>;
  /** Those that hold something, in one order. Of the whole installation. */
  namespaces(request: NamespacesRequest): Promise<string[]>;
  totals(): Promise<Totals>;
  /** State per dependency of the reading side. */
  health(): Promise<Record<string, boolean>>;
}

/** Reads of one namespace: each takes it, a request and ReadOptions. */
export type NamespaceRead = Exclude<keyof Reads, 'namespaces' | 'totals' | 'health'>;

export interface ReadOptions {
  after: PositionVector | null;
  /** Milliseconds to wait for `after`. */
  waitMs: number;
  signal?: AbortSignal;
  /**
   * Told about how many bytes each part of the answer has, before more is read. MUST be called by what reads; it
   * throws `overloaded` when so much cannot be held, and the read ends with that.
   */
  hold?: (bytes: number) => void;
}

export interface SearchRequest {
  query: string;
  top_k: number;
  offset: number;
  mode: 'hybrid' | 'dense' | 'keyword';
  filter: Filter;
  /** Whose memories the search is made in, for candidates and for all that ranks them; null: everybody's. Part of `filter`. */
  user_id: string | null;
  /** Whose memories may be seen at all; part of `filter`. What stands around a hit has to pass it too. */
  scope: Filter;
  /** 0–1; null: not asked. */
  min_similarity: number | null;
  /** How many memories of its thread before and after each hit come along, 0–5. */
  context: number;
  /** What being recent adds: `weight` for what is of now, half of it after each half-life. Null: nothing. */
  recency: { half_life_ms: number; weight: number } | null;
  /** What an importance of 1 adds. */
  importance_weight: number;
  explain: boolean;
}

export interface SearchHit {
  memory: Memory;
  score: number;
  /** Cosine; null without a real embedder. */
  similarity: number | null;
  /** What stands around it in its thread, in order and without it; null when not asked for. */
  context: Memory[] | null;
  explain: Record<string, { value: number; contribution: number }> | null;
}

export interface SearchAnswer {
  hits: SearchHit[];
  degraded: boolean;
  degraded_reasons: string[];
  took_ms: number;
}

export interface NeighborsRequest {
  /** Whose memories are walked over; null: everybody's. */
  user_id: string | null;
  key: string;
  link_type: string | null;
  direction: LinkDirection;
  depth: number;
  limit: number;
}

export interface PathRequest {
  /** As in NeighborsRequest. */
  user_id: string | null;
  from_key: string;
  to_key: string;
  link_type: string | null;
  max_depth: number;
}

export interface GraphAnswer {
  nodes: { memory: Memory; depth: number }[];
  links: Link[];
}

export interface Totals {
  memories: number;
  by_type: Record<MemoryType, number>;
  namespaces: number;
  links: number;
  indexed: number;
}
