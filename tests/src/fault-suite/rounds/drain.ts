import { setTimeout as sleep } from 'node:timers/promises';
import type { Collector } from '../evidence/collect.js';
import type { Evidence, Violation } from '../evidence/evidence.js';
import type { Lag } from '../evidence/rows.js';
import type { StartedArena } from '../fault.js';
import type { History } from '../history/history.js';
import { judge } from '../invariants/index.js';
import { settle } from '../workload/settle.js';
import type { Unsettled } from '../workload/writes.js';

/** How long what was promised may take to end, and how long the groups to catch up. */
const SETTLE_LIMIT_MS = 90_000;
const LAG_LIMIT_MS = 120_000;
/** Who was not there by then is given a moment more, not as long again. */
const SECOND_LAG_LIMIT_MS = 10_000;
const PAUSE_MS = 250;

export interface Judged {
  violations: Violation[];
  evidence: Evidence;
}

/** With the workload stopped: everything promised comes to its end, every group to its end, then all is compared. */
export async function drainAndJudge(
  arena: StartedArena,
  collector: Collector,
  history: History,
  owed: readonly Unsettled[],
): Promise<Judged> {
  const unsettled = await settle(owed, arena, history, SETTLE_LIMIT_MS);
  const look = async (limitMs: number): Promise<Judged> => {
    const lags = await untilCaughtUp(collector, limitMs);
    const evidence = await collector.collect(history, unsettled, lags);
    return { evidence, violations: judge(evidence) };
  };
  const first = await look(LAG_LIMIT_MS);
  if (first.violations.length === 0) return first;
  // The service goes on clearing away what expires, so one look may fall between two stores. What is wrong stays wrong.
  const again = await look(SECOND_LAG_LIMIT_MS);
  const before = new Set(first.violations.map(({ sentence }) => sentence));
  // How far a group is behind may change while it stays behind.
  const stays = ({ invariant, sentence }: Violation) => invariant === 'lag-gone' || before.has(sentence);
  return { ...again, violations: again.violations.filter(stays) };
}

/** @returns what is still behind at the end of the limit */
async function untilCaughtUp(collector: Collector, limitMs: number): Promise<Lag[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const lags = await collector.lags();
    if (lags.length === 0 || performance.now() > deadline) return lags;
    await sleep(PAUSE_MS);
  }
}
