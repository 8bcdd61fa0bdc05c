import type { Backoff } from '@soma/service';

export interface WorkerTiming {
  /** Between attempts after an error that may pass. */
  backoff: Backoff;
  /** How long a record that fails for an unlisted reason is tried alone, milliseconds. */
  unlistedRetryMs: number;
  /** Unlisted dead letters in a row that halt a partition. */
  haltAfter: number;
  /** Between proofs that the log is still the same, milliseconds. */
  proofIntervalMs: number;
  /** Before a partition whose claim no longer holds is claimed anew, milliseconds. Longer than between heartbeats. */
  reassignMs: number;
  /** Without a fetch, heartbeat or attempt for this long, the worker is not alive, milliseconds. */
  livenessMs: number;
}

export const DEFAULT_TIMING: WorkerTiming = {
  backoff: { minMs: 100, maxMs: 10_000 },
  unlistedRetryMs: 120_000,
  haltAfter: 20,
  proofIntervalMs: 5_000,
  reassignMs: 4_000,
  livenessMs: 60_000,
};
