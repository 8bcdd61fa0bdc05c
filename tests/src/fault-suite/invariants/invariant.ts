import type { Evidence, Violation } from '../evidence/evidence.js';
import type { Asked } from '../history/history.js';

/** Kebab-case; the columns of the table. */
export type InvariantName =
  | 'nothing-lost'
  | 'equals-model'
  | 'one-effect'
  | 'projections-equal'
  | 'reads-after-token'
  | 'cache-not-older'
  | 'namespaces-apart'
  | 'dead-letters-explained'
  | 'lag-gone'
  | 'versions-in-order';

export interface Invariant {
  name: InvariantName;
  /** One sentence. */
  title: string;
  check(evidence: Evidence): Sentence[];
}

/** What is wrong: ids, coords, versions; never a payload. */
export type Sentence = string;

export function violationsOf(invariant: Invariant, evidence: Evidence): Violation[] {
  return invariant.check(evidence).map((sentence) => ({ invariant: invariant.name, sentence }));
}

/** How sentences name a command. */
export function called(asked: Asked): string {
  const id = asked.command_id === null ? '' : ` ${asked.command_id}`;
  return `${asked.type} ${asked.n}${id} of ${asked.namespace}/${asked.key}`;
}
