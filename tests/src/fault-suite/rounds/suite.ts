import { startArena, whyNot, type ArenaOptions, type StartedArena } from '../arena/index.js';
import { Collector } from '../evidence/collect.js';
import type { Fault, Need, Profile } from '../fault.js';
import { FAULTS } from '../faults/index.js';
import { Numbers, type Poison } from '../history/history.js';
import { whyMissing, type Part } from '../../system/index.js';
import type { SuiteOptions } from '../options.js';
import type { Random } from '../random.js';
import { keep } from '../report/keep.js';
import { choose, ofProfile, plan, type ArenaPlan } from './plan.js';
import { roundThatFailed, runRound, type RoundResult } from './round.js';

export interface ProfileResult {
  profile: Profile;
  rounds: RoundResult[];
  /** Faults, or the whole profile, that this machine cannot run, and why. */
  leftOut: { name: string; why: string }[];
}

interface Running {
  options: SuiteOptions;
  profile: Profile;
  random: Random;
  numbers: Numbers;
  say: (text: string) => void;
  result: ProfileResult;
  onRound: OnRound;
  /** When the last round may begin; null: no limit. */
  deadline: number | null;
}

/** Called with what there is so far after each round. */
export type OnRound = (result: ProfileResult) => Promise<void>;

const PARTS_OF: Readonly<Record<Profile, readonly Part[]>> = { cluster: ['kafka', 'redis'], standalone: [] };

/** All rounds of one profile, one after the other. */
export async function runProfile(
  profile: Profile,
  options: SuiteOptions,
  random: Random,
  say: (text: string) => void,
  onRound: OnRound,
): Promise<ProfileResult> {
  const result: ProfileResult = { profile, rounds: [], leftOut: [] };
  const missing = PARTS_OF[profile].flatMap((part) => whyMissing(part) ?? []);
  if (missing.length > 0) {
    result.leftOut.push({ name: `the ${profile} profile`, why: missing.join('; ') });
    return result;
  }
  const deadline = options.durationMs === null ? null : performance.now() + options.durationMs;
  const numbers = new Numbers();
  const possible = await withoutMissing(ofProfile(FAULTS, profile), options, result);
  for (let turn = 0; ; turn += 1) {
    const turnRandom = random.fork(`turn ${turn}`);
    // Of all faults each has its round, however long that takes.
    const ends = options.all && turn === 0 ? null : deadline;
    const running: Running = { options, profile, random, numbers, say, result, onRound, deadline: ends };
    const chosen = choose(possible, options, turnRandom);
    for (const arenaPlan of plan(chosen, turnRandom)) {
      if (!isOver(running)) await runArena(arenaPlan, running);
    }
    if (deadline === null || performance.now() > deadline || chosen.length === 0) return result;
  }
}

function isOver({ deadline }: Running): boolean {
  return deadline !== null && performance.now() > deadline;
}

/** Asked for by name, what cannot be had is left out with a word as well. */
async function withoutMissing(
  faults: readonly Fault[],
  options: SuiteOptions,
  result: ProfileResult,
): Promise<Fault[]> {
  const reasons = new Map<Need, string | undefined>();
  const possible: Fault[] = [];
  for (const fault of faults) {
    const whys: string[] = [];
    for (const need of fault.needs ?? []) {
      if (!reasons.has(need)) reasons.set(need, await whyNot(need));
      const why = reasons.get(need);
      if (why !== undefined) whys.push(why);
    }
    const wanted = options.faults === null || options.faults.includes(fault.name);
    if (whys.length === 0) possible.push(fault);
    else if (wanted) result.leftOut.push({ name: fault.name, why: whys.join('; ') });
  }
  return possible;
}

/** Rounds in one arena. After a round that failed, what is left of the arena is not to be trusted: a new one is made. */
async function runArena({ needs, env, rounds }: ArenaPlan, running: Running): Promise<void> {
  let left = [...rounds];
  while (left.length > 0 && !isOver(running)) {
    const [first] = left;
    running.say(`starting an arena for ${left.length} rounds, beginning with ${namesOf(first ?? [])}`);
    const random = running.random.fork(`arena ${running.result.rounds.length}`);
    const arena = await start(running, { random, say: running.say, needs, env });
    if (arena instanceof Error) {
      const round = roundThatFailed(first ?? [], arena);
      running.result.rounds.push(round);
      tell(round, running.result.rounds.length, running);
      left = left.slice(1);
      continue;
    }
    const forget = stopOnSignals(arena);
    try {
      left = await runRounds(left, arena, running);
    } finally {
      forget();
      await arena.stop().catch((error: unknown) => {
        running.say(`the arena did not stop in order: ${String(error)}`);
      });
    }
  }
}

/** Ctrl-C leaves no store or process of the arena behind. @returns what takes that back */
function stopOnSignals(arena: StartedArena): () => void {
  const stop = (): void => {
    void arena.stop().finally(() => process.exit(INTERRUPTED));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => process.off('SIGINT', stop).off('SIGTERM', stop);
}

const INTERRUPTED = 130;

/** Once more when it fails: on a busy machine a store may miss its time. */
async function start({ profile, say }: Running, options: ArenaOptions): Promise<StartedArena | Error> {
  const attempt = () => startArena(profile, options);
  try {
    return await attempt().catch((error: unknown) => {
      say(`the arena did not start, trying once more: ${messageOf(error)}`);
      return attempt();
    });
  } catch (error) {
    return new Error(`the arena did not start: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @returns the rounds that are left when one failed */
async function runRounds(
  rounds: readonly (readonly Fault[])[],
  arena: StartedArena,
  running: Running,
): Promise<(readonly Fault[])[]> {
  const collector = new Collector(arena);
  const poisons: Poison[] = [];
  const told = new Set<string>();
  for (const [index, faults] of rounds.entries()) {
    if (isOver(running)) return [];
    const { say, options, numbers, result } = running;
    const number = result.rounds.length + 1;
    say(`round ${number}: ${namesOf(faults)}`);
    const random = running.random.fork(`round ${number}`);
    const deps = { arena, collector, numbers, poisons, round: number, random, rate: options.rate, say };
    const round = await runRound(faults, deps);
    // What is global (dead letters, complaints) would be told again after each round.
    round.violations = round.violations.filter(({ sentence }) => !told.has(sentence));
    for (const { sentence } of round.violations) told.add(sentence);
    result.rounds.push(round);
    tell(round, number, running);
    await running.onRound(result);
    if (round.violations.length > 0 || round.failed !== undefined) {
      say(`kept in ${await keep(round, arena, options, `${running.profile}-${number}`)}`);
    }
    if (round.failed !== undefined) return rounds.slice(index + 1);
  }
  return [];
}

/** Sentences of each round that are printed at once; the rest is in the kept files. */
const MOST_TOLD = 10;

function tell(round: RoundResult, number: number, { say }: Running): void {
  const { acknowledged, violations, failed, recovery, seconds } = round;
  const recovered =
    recovery === undefined
      ? ''
      : `, written again after ${Math.round(recovery.written)} ms and found after ${Math.round(recovery.found)} ms`;
  const end = failed === undefined ? `${violations.length} violations` : `failed: ${failed}`;
  say(`round ${number}: ${end}; ${acknowledged} commands acknowledged${recovered}; ${seconds.toFixed(0)} s`);
  for (const { invariant, sentence } of violations.slice(0, MOST_TOLD)) say(`  ${invariant}: ${sentence}`);
}

function namesOf(faults: readonly Fault[]): string {
  return faults.map(({ name }) => name).join(' + ');
}
