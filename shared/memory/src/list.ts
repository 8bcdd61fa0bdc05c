/** What memories of a list can be ordered by. One without occurred_at stands where it was created. */
export const LIST_ORDERS = ['created_at', 'updated_at', 'occurred_at', 'coord'] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

export const LIST_DIRECTIONS = ['asc', 'desc'] as const;
export type ListDirection = (typeof LIST_DIRECTIONS)[number];

/** Where a page of a list ended. */
export interface ListPosition {
  key: string;
  /** Epoch milliseconds; null in the order of coord. */
  place: number | null;
  /** By partition, the revision that it had come to when the first page was read; -1 where there was none. */
  cut: number[];
}
