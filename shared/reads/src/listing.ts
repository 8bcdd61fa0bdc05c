import type { Filter, ListDirection, ListOrder, ListPosition, Memory } from '@soma/memory';

export interface ListRequest {
  filter: Filter;
  order: ListOrder;
  direction: ListDirection;
  /** Epoch milliseconds, inside: of the time that orders, created_at where that is coord. */
  since: number | null;
  /** Outside. */
  until: number | null;
  /** `next` of the page before; null for the first. */
  after: ListPosition | null;
  limit: number;
}

/** A page may be short, even empty, with more to come. */
export interface ListAnswer {
  memories: Memory[];
  /** Null when nothing follows. */
  next: ListPosition | null;
}

export interface CountRequest {
  filter: Filter;
}

export interface RangeRequest {
  filter: Filter;
  /** Components of a canonical key; as many as of `max`. Both are inside, and compare as decimals. */
  min: string[];
  max: string[];
  /** `next` of the page before; null for the first. */
  after: string | null;
  limit: number;
}

/** In the order of their numbers; a page may be short, even empty, with more to come. */
export interface RangeAnswer {
  memories: Memory[];
  next: string | null;
}

export interface NamespacesRequest {
  /** Listed although nothing may be in it. */
  always: string[];
  /** Only those behind this one; null from the first on. */
  after: string | null;
  limit: number;
}
