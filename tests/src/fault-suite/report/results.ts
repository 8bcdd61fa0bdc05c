import type { Profile } from '../fault.js';
import { INVARIANTS } from '../invariants/index.js';
import type { InvariantName } from '../invariants/invariant.js';
import type { RoundResult } from '../rounds/round.js';
import type { ProfileResult } from '../rounds/suite.js';

export type ReportedRound = Omit<RoundResult, 'history' | 'recovery'> & {
  recovery: RoundResult['recovery'] | null;
  /** Violations by invariant, all invariants. */
  counts: Record<InvariantName, number>;
};

/** What `--json` writes: one test per round, which is that all invariants held. */
export interface SuiteResults {
  seed: number;
  passed: number;
  failed: number;
  profiles: {
    profile: Profile;
    left_out: { name: string; why: string }[];
    rounds: ReportedRound[];
  }[];
}

export function resultsOf(seed: number, profiles: readonly ProfileResult[]): SuiteResults {
  const rounds = profiles.flatMap((profile) => profile.rounds);
  const failed = rounds.filter(hasFailed).length;
  return {
    seed,
    passed: rounds.length - failed,
    failed,
    profiles: profiles.map(({ profile, rounds: own, leftOut }) => ({
      profile,
      left_out: leftOut,
      rounds: own.map(reported),
    })),
  };
}

export function reported(round: RoundResult): ReportedRound {
  const countOf = (name: InvariantName) => round.violations.filter((one) => one.invariant === name).length;
  const { faults, acknowledged, reads, poisons, seconds, violations, failed } = round;
  return {
    ...{ faults, acknowledged, reads, poisons, seconds, violations },
    ...(failed === undefined ? {} : { failed }),
    recovery: round.recovery ?? null,
    counts: Object.fromEntries(INVARIANTS.map(({ name }) => [name, countOf(name)])) as Record<
      InvariantName,
      number
    >,
  };
}

function hasFailed({ violations, failed }: RoundResult): boolean {
  return violations.length > 0 || failed !== undefined;
}
