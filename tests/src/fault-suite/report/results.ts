import type { Profile } from '../fault.js';
import { INVARIANTS } from '../invariants/index.js';
import type { RoundResult } from '../rounds/round.js';
import type { ProfileResult } from '../rounds/suite.js';

/** What `--json` writes: one test per round, which is that all invariants held. */
export interface SuiteResults {
  seed: number;
  passed: number;
  failed: number;
  profiles: {
    profile: Profile;
    left_out: { name: string; why: string }[];
    rounds: (Omit<RoundResult, 'history' | 'recovery'> & {
      recovery: RoundResult['recovery'] | null;
      /** Violations by invariant, all invariants. */
      counts: Record<string, number>;
    })[];
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
      rounds: own.map((round) => ({
        ...withoutHistory(round),
        recovery: round.recovery ?? null,
        counts: Object.fromEntries(
          INVARIANTS.map(({ name }) => [
            name,
            round.violations.filter((one) => one.invariant === name).length,
          ]),
        ),
      })),
    })),
  };
}

function withoutHistory(round: RoundResult): Omit<RoundResult, 'history'> {
  const copy: Partial<RoundResult> = { ...round };
  delete copy.history;
  return copy as Omit<RoundResult, 'history'>;
}

function hasFailed({ violations, failed }: RoundResult): boolean {
  return violations.length > 0 || failed !== undefined;
}
