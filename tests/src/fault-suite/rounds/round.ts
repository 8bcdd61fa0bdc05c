import type { Collector } from '../evidence/collect.js';
import type { Evidence, Violation } from '../evidence/evidence.js';
import type { Fault, StartedArena } from '../fault.js';
import { History, type Numbers, type Poison } from '../history/history.js';
import { Keyspace } from '../history/keyspace.js';
import type { InvariantName } from '../invariants/invariant.js';
import type { Random } from '../random.js';
import { Workload } from '../workload/workload.js';
import { drainAndJudge } from './drain.js';
import { untilRecovered, type Recovery } from './recovery.js';

export interface RoundDeps {
  arena: StartedArena;
  collector: Collector;
  numbers: Numbers;
  /** Of the arena, all rounds. */
  poisons: Poison[];
  /** Whole number that no other round of the run has. */
  round: number;
  random: Random;
  rate: number;
  say: (text: string) => void;
}

export interface RoundResult {
  faults: readonly string[];
  acknowledged: number;
  reads: number;
  poisons: number;
  seconds: number;
  /** Undefined: it never recovered, which is a violation. */
  recovery: Recovery | undefined;
  violations: Violation[];
  /** The fault could not be made, or not be healed. */
  failed?: string;
  history: History;
}

/** Commands that have to be acknowledged before a fault and after it. */
const SOME = 40;
const BEFORE_TIMEOUT_MS = 60_000;
const FAULT_TIMEOUT_MS = 240_000;
const RECOVERY_LIMIT_MS = 180_000;

/** Workload, faults, healing, drain, judgement; several faults at once only when all allow it. */
export async function runRound(faults: readonly Fault[], deps: RoundDeps): Promise<RoundResult> {
  const { arena, random, say } = deps;
  const began = performance.now();
  const history = new History(new Keyspace(deps.round), deps.poisons);
  const poisonsBefore = deps.poisons.length;
  const workload = new Workload({
    target: arena,
    ...rawTargetOf(arena),
    history,
    numbers: deps.numbers,
    random: random.fork('workload'),
    rate: deps.rate,
    expiry: !faults.some((fault) => fault.withoutExpiry),
  });
  await workload.start();
  const violations: Violation[] = [];
  let failed: string | undefined;
  let recovery: Recovery | undefined;
  try {
    await workload.acknowledgedMore(SOME, BEFORE_TIMEOUT_MS);
    const healedAt = await makeAndHeal(faults, workload, violations, deps);
    recovery = await untilRecovered(arena, healedAt, RECOVERY_LIMIT_MS);
    if (recovery === undefined) violations.push(lag('no write was acknowledged and found'));
    else if (!(await workload.acknowledgedMore(SOME, BEFORE_TIMEOUT_MS))) {
      violations.push(lag(`the workload did not get ${SOME} commands acknowledged`));
    }
  } catch (error) {
    failed = error instanceof Error ? error.message : String(error);
  }
  const owed = await workload.stop();
  say(`drain and judge: ${history.acknowledged} commands acknowledged, ${history.reads.length} reads`);
  if (failed === undefined) {
    const judged = await drainAndJudge(arena, deps.collector, history, owed);
    say(extentOf(judged.evidence));
    violations.push(...judged.violations);
    violations.push(...complaintsOf(arena));
  }
  return {
    faults: faults.map(({ name }) => name),
    acknowledged: history.acknowledged,
    reads: history.reads.length,
    poisons: deps.poisons.length - poisonsBefore,
    seconds: (performance.now() - began) / 1000,
    recovery,
    violations,
    ...(failed === undefined ? {} : { failed }),
    history,
  };
}

/** One that could not begin. */
export function roundThatFailed(faults: readonly Fault[], { message }: Error): RoundResult {
  return {
    faults: faults.map(({ name }) => name),
    acknowledged: 0,
    reads: 0,
    poisons: 0,
    seconds: 0,
    recovery: undefined,
    violations: [],
    failed: message,
    history: new History(new Keyspace(0)),
  };
}

/** What was looked at: an invariant over nothing would always hold. */
function extentOf({ stored, attribution, index, cache, poison }: Evidence): string {
  const { operations, versions, memories, links, dead_letters: letters } = stored;
  const points = [...index.values()].reduce((total, { length }) => total + length, 0);
  const counts = [
    `${operations.length} operations, ${attribution.byRow.size} of them by known commands`,
    `${versions.length} versions of ${memories.length} memories`,
    `${links.length} links`,
    `${points} points`,
    `${cache?.length ?? 'no'} cache entries`,
    `${letters.length} dead letters`,
    `${poison?.dead_letters.length ?? 'no'} records in memory.dlq`,
  ];
  return `judged ${counts.join(', ')}`;
}

function lag(what: string): Violation {
  return { invariant: 'lag-gone', sentence: `${what} within ${RECOVERY_LIMIT_MS} ms of the healing` };
}

function complaintsOf(arena: StartedArena): Violation[] {
  return (arena.complaints?.() ?? []).map((sentence) => ({ invariant: 'lag-gone', sentence }));
}

function rawTargetOf({ kafkaBrokers: brokers, schemaRegistryUrl: registry, postgresUrl }: StartedArena) {
  if (brokers === undefined) return { raw: { postgresUrl } };
  return { raw: { brokers, ...(registry === undefined ? {} : { schemaRegistryUrl: registry }) } };
}

/** @returns when the last of them was healed */
async function makeAndHeal(
  faults: readonly Fault[],
  workload: Workload,
  violations: Violation[],
  { arena, random, say }: RoundDeps,
): Promise<number> {
  const healed = await Promise.all(
    faults.map(async (fault) => {
      let at: number | undefined;
      const view = {
        ...arena,
        random: random.fork(fault.name),
        workload,
        say,
        violated: (invariant: InvariantName, sentence: string) => {
          violations.push({ invariant, sentence });
        },
        healed: () => {
          at = performance.now();
        },
      };
      await withinLimit(fault, fault.run(view));
      return at ?? performance.now();
    }),
  );
  return Math.max(...healed);
}

async function withinLimit(fault: Fault, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${fault.name} was not over within ${FAULT_TIMEOUT_MS} ms`));
    }, FAULT_TIMEOUT_MS);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
