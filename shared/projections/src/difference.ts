import type { JsonObject } from '@soma/memory';
import type { Mark } from './await-passing.js';

/**
 * How a projection can differ from the memories:
 *
 * - `missing`: it lacks a memory, or holds it as deleted;
 * - `older`, `newer`: it holds another state than the current one;
 * - `orphaned`: it holds what there is no memory for;
 * - `wrongly_live`: it still has a memory that was deleted;
 * - `behind`: it has not come so far, and its progress stands still: what differs is not known yet to be lost.
 */
export const DIFFERENCE_KINDS = ['missing', 'older', 'newer', 'orphaned', 'wrongly_live', 'behind'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export interface Difference {
  /** Tells it from all others of the projection; the same when it is looked at again. */
  id: string;
  kind: DifferenceKind;
  namespace: string;
  coord: string;
  expected_revision: number | null;
  found_revision: number | null;
  /** It counts only once this group has come so far; null: at once. */
  awaits: Mark | null;
}

export interface Example {
  namespace: string;
  coord: string;
  kind: DifferenceKind;
  expected_revision: number | null;
  found_revision: number | null;
}

/** What a verification found: the result of its job. */
export type Verification = Record<DifferenceKind, number> & {
  /** Memories compared; of the graph, links. */
  checked: number;
  /** Differences that were gone after the repair. */
  repaired: number;
  examples: Example[];
};

const MOST_EXAMPLES = 100;

export function nothingFound(): Verification {
  const counts = { missing: 0, older: 0, newer: 0, orphaned: 0, wrongly_live: 0, behind: 0 };
  return { checked: 0, ...counts, repaired: 0, examples: [] };
}

export function found(
  verification: Verification,
  page: { checked: number; differences: readonly Difference[]; repaired: number },
): Verification {
  const next = { ...verification, examples: [...verification.examples] };
  next.checked += page.checked;
  next.repaired += page.repaired;
  for (const { kind, namespace, coord, expected_revision, found_revision } of page.differences) {
    next[kind] += 1;
    if (next.examples.length < MOST_EXAMPLES)
      next.examples.push({ namespace, coord, kind, expected_revision, found_revision });
  }
  return next;
}

export function differencesIn(verification: Verification): number {
  return DIFFERENCE_KINDS.reduce((sum, kind) => sum + verification[kind], 0);
}

/** As jobs keep results. */
export function asResult(verification: Verification): JsonObject {
  return { ...verification, examples: verification.examples.map((example) => ({ ...example })) };
}
