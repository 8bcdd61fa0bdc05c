import type { Fault, Need, Profile } from '../fault.js';
import type { Random } from '../random.js';
import type { SuiteOptions } from '../options.js';

/** Rounds that share an arena. */
export interface ArenaPlan {
  needs: readonly Need[];
  env: Readonly<Record<string, string>>;
  /** The faults of each round; two when both allow it. */
  rounds: readonly (readonly Fault[])[];
}

/** Share of neighbours that run at once, where both allow it. */
const OVERLAPPING = 0.3;
/** An arena takes a while to start, so of a few drawn faults one at most wants another than the common one. */
const MOST_APART = 1;

/** The faults of a run, as asked for: those named as far as they are possible, drawn ones by the seed. */
export function choose(
  possible: readonly Fault[],
  options: Pick<SuiteOptions, 'faults' | 'all' | 'count' | 'durationMs'>,
  random: Random,
): readonly Fault[] {
  if (options.faults !== null) {
    return options.faults.flatMap((name) => possible.find((one) => one.name === name) ?? []);
  }
  const shuffled = random.shuffled(possible);
  if (options.all || options.durationMs !== null) return shuffled;
  const apart = shuffled.filter(isApart).slice(0, random.whole(0, MOST_APART));
  return [...apart, ...shuffled.filter((fault) => !isApart(fault))].slice(0, options.count);
}

function isApart({ arena, needs = [] }: Fault): boolean {
  return arena === 'own' || needs.length > 0;
}

/** Which faults run where, and which at once. */
export function plan(faults: readonly Fault[], random: Random): ArenaPlan[] {
  const shared = new Map<string, Fault[]>();
  const own: ArenaPlan[] = [];
  for (const fault of faults) {
    if (fault.arena === 'own') {
      own.push({ needs: fault.needs ?? [], env: fault.env ?? {}, rounds: [[fault]] });
      continue;
    }
    const needs = [...(fault.needs ?? [])].sort().join(' ');
    shared.set(needs, [...(shared.get(needs) ?? []), fault]);
  }
  const together = [...shared.values()].map((group) => ({
    needs: group[0]?.needs ?? [],
    env: {},
    rounds: inRounds(group, random),
  }));
  return [...together, ...own];
}

function inRounds(faults: readonly Fault[], random: Random): Fault[][] {
  const rounds: Fault[][] = [];
  for (const fault of faults) {
    const last = rounds.at(-1);
    const alone = last?.length === 1 ? last[0] : undefined;
    const both = alone?.overlaps === true && fault.overlaps === true && random.next() < OVERLAPPING;
    if (both) last?.push(fault);
    else rounds.push([fault]);
  }
  return rounds;
}

/** Those of a profile. */
export function ofProfile(faults: readonly Fault[], profile: Profile): Fault[] {
  return faults.filter(({ profiles }) => profiles.includes(profile));
}
