import type { GraphStore } from '@soma/graph-store';
import type { MemoryFacts, MemoryStore, RecallMarks, Whose } from '@soma/memory-store';
import type { IndexCandidates } from '@soma/vector-index';
import type { DegradedReason } from './degradation.js';
import { orWithout, type PartDeps } from './or-without.js';

/** What is known of the candidates and of the memories beside them. */
export interface Surroundings {
  facts: ReadonlyMap<string, MemoryFacts>;
  /** Who is beside a memory in its thread, and where: -1 is the one before. Known from both ends. */
  beside: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Who is linked with a memory, and the weight of their links. Known from both ends. */
  linked: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const NO_SURROUNDINGS: Surroundings = { facts: new Map(), beside: new Map(), linked: new Map() };

export interface SurroundingsDeps extends PartDeps {
  memories: Pick<MemoryStore, 'recall'>;
  links: Pick<GraphStore, 'touching'>;
}

/** A search goes on without what does not come in time, milliseconds. */
const PATIENCE_MS = 250;

/** Neighbours and links are looked up of so many of the best candidates. */
const BEST = 50;
const SPAN = 2;
const MOST_LINKS = 100;

/**
 * @param keys candidates, best first
 * @param about what the index tells of them; what it does not, the store is asked for
 */
export async function lookAround(
  whose: Whose,
  keys: readonly string[],
  about: IndexCandidates['about'],
  marks: RecallMarks,
  deps: SurroundingsDeps,
): Promise<Surroundings> {
  const { memories, links } = deps;
  const best = keys.slice(0, BEST);
  const inThreads = best.filter((key) => about.get(key)?.facts?.thread_id !== null);
  const factsOf = (asked: readonly string[]): Promise<MemoryFacts[]> =>
    inTime('thread_unavailable', (signal) => memories.recall.facts(whose, asked, marks, signal), deps);
  const known = knownFacts(about, marks);
  const [near, touching, ofCandidates] = await Promise.all([
    inTime(
      'thread_unavailable',
      (signal) => memories.recall.around(whose, inThreads, SPAN, marks, signal),
      deps,
    ),
    inTime(
      'graph_unavailable',
      (signal) => links.touching({ ...whose, keys: best, limit: MOST_LINKS }, signal),
      deps,
    ),
    factsOf(keys.filter((key) => !known.has(key))),
  ]);
  const facts = new Map([...near, ...known.values(), ...ofCandidates].map((fact) => [fact.key, fact]));
  const further = new Set(touching.map(({ end }) => end).filter((end) => !facts.has(end)));
  for (const fact of await factsOf([...further])) facts.set(fact.key, fact);
  return {
    facts,
    beside: fromBothEnds(
      near.map(({ of, key, distance }) => ({ from: of, to: key, there: distance, back: -distance })),
    ),
    linked: fromBothEnds(
      touching.map(({ key, end, weight }) => ({ from: key, to: end, there: weight, back: weight })),
    ),
  };
}

/** What is looked for in texts, or counted, the index does not know. */
function knownFacts(
  about: IndexCandidates['about'],
  { phrases, accesses }: RecallMarks,
): Map<string, MemoryFacts> {
  const known = new Map<string, MemoryFacts>();
  if (phrases.length > 0 || accesses) return known;
  for (const [key, { facts }] of about)
    if (facts !== null) known.set(key, { key, ...facts, phrases: 0, accesses: 0 });
  return known;
}

/** What ranking asks Postgres beside the candidates; none of it is worth waiting for long. */
export function inTime<T>(
  reason: DegradedReason,
  work: (signal: AbortSignal) => Promise<T[]>,
  deps: PartDeps,
): Promise<T[]> {
  const { deadline } = deps;
  return orWithout(
    reason,
    () => deadline.within(Math.min(PATIENCE_MS, deadline.half), work),
    () => [],
    deps,
  );
}

type Pairs = Map<string, Map<string, number>>;

function fromBothEnds(ties: readonly { from: string; to: string; there: number; back: number }[]): Pairs {
  const pairs: Pairs = new Map();
  const put = (from: string, to: string, value: number): void => {
    const known = pairs.get(from) ?? new Map<string, number>();
    pairs.set(from, known.set(to, value));
  };
  for (const { from, to, there, back } of ties) {
    put(from, to, there);
    put(to, from, back);
  }
  return pairs;
}
