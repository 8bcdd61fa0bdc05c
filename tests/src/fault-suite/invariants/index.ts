import type { Evidence, Violation } from '../evidence/evidence.js';
import { CACHE_NOT_OLDER } from './cache-not-older.js';
import { DEAD_LETTERS_EXPLAINED } from './dead-letters-explained.js';
import { EQUALS_MODEL } from './equals-model.js';
import { violationsOf, type Invariant } from './invariant.js';
import { LAG_GONE } from './lag-gone.js';
import { NAMESPACES_APART } from './namespaces-apart.js';
import { NOTHING_LOST } from './nothing-lost.js';
import { ONE_EFFECT } from './one-effect.js';
import { PROJECTIONS_EQUAL } from './projections-equal.js';
import { READS_AFTER_TOKEN } from './reads-after-token.js';
import { VERSIONS_IN_ORDER } from './versions-in-order.js';

/** In the order of the table. */
export const INVARIANTS: readonly Invariant[] = [
  NOTHING_LOST,
  EQUALS_MODEL,
  ONE_EFFECT,
  PROJECTIONS_EQUAL,
  READS_AFTER_TOKEN,
  CACHE_NOT_OLDER,
  NAMESPACES_APART,
  DEAD_LETTERS_EXPLAINED,
  LAG_GONE,
  VERSIONS_IN_ORDER,
];

export function judge(evidence: Evidence): Violation[] {
  return INVARIANTS.flatMap((invariant) => violationsOf(invariant, evidence));
}
