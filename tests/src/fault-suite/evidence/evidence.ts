import type { Asked, History } from '../history/history.js';
import type { InvariantName } from '../invariants/invariant.js';
import type { Replayed } from '../model/replay.js';
import type { Attribution } from './attribution.js';
import type { Lag, PoisonRecord, ProjectedRow, StoredRows } from './rows.js';

/** All that the invariants are judged by, taken when nothing is under way any more. */
export interface Evidence {
  history: History;
  stored: StoredRows;
  attribution: Attribution;
  /** What there has to be, by `namespace/key`. */
  model: ReadonlyMap<string, Replayed>;
  /** Points by collection. */
  index: ReadonlyMap<string, readonly ProjectedRow[]>;
  /** Null where the cache cannot be looked into from outside. */
  cache: readonly ProjectedRow[] | null;
  /** What GET answered last of all, for every memory; it has to be what Postgres holds. */
  answered: readonly AnsweredState[];
  /** Null without Kafka, where nobody else produces. */
  poison: {
    commands: readonly PoisonRecord[];
    dead_letters: readonly PoisonRecord[];
    generation: number;
  } | null;
  /** What did not come to its end within the limit. */
  lags: readonly Lag[];
  /** Promises and keyed calls that no answer could be had for. */
  unsettled: readonly Asked[];
}

/** Version and digest null: absent. */
export interface AnsweredState {
  namespace: string;
  key: string;
  version: number | null;
  digest: string | null;
}

/** Something that must not be. */
export interface Violation {
  invariant: InvariantName;
  /** Ids, coords, versions; never a payload. Equal sentences are one violation. */
  sentence: string;
}
