import type { Filter, ListDirection, ListOrder, ListPosition } from '@soma/memory';

/**
 * Lists of a namespace, in pages. What an implementation MUST do:
 *
 * - A listing is of the memories that were there when its first page was read. It gives each at most once, as it is
 *   when its page is read, and misses none that is there and passes until the last page, whatever is written meanwhile.
 * - So a memory keeps the place in the order that it had when the first page was read. Where that can no longer be
 *   told, the listing ends with cursor_expired, never with a gap.
 * - A page reads a bounded amount: where few pass the filter it may be short, even empty, with more to come.
 * - Only live memories of the namespace are given and counted.
 */
export interface ListingReads {
  list(query: ListQuery, signal?: AbortSignal): Promise<ListPage>;
  /** Memories whose numbers are inside a box, in the order of their numbers. */
  range(query: RangeQuery, signal?: AbortSignal): Promise<RangePage>;
  count(namespace: string, filter: Filter, signal?: AbortSignal): Promise<number>;
  /** Namespaces that hold something, and those of `always`, in the store's order. */
  namespaces(query: NamespacesQuery): Promise<string[]>;
}

export interface ListQuery {
  namespace: string;
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

/** Keys, so that the caller reads the memories as it has room for them. */
export interface ListPage {
  keys: string[];
  /** Null when nothing follows. */
  next: ListPosition | null;
}

export interface RangeQuery {
  namespace: string;
  filter: Filter;
  /** Components of a canonical key; as many as of `max`. Both are inside, and compare as decimals. */
  min: readonly string[];
  max: readonly string[];
  /** `next` of the page before; null for the first. */
  after: string | null;
  limit: number;
}

export interface RangePage {
  keys: string[];
  /** Null when nothing follows. */
  next: string | null;
}

export interface NamespacesQuery {
  always: readonly string[];
  /** Only those behind this one; null from the first on. */
  after: string | null;
  limit: number;
}
