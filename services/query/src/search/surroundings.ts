import type { GraphStore } from '@soma/graph-store';
import type { MemoryFacts, MemoryStore, Whose } from '@soma/memory-store';
import { orWithout, type PartDeps } from './or-without.js';
import { marksOf, type Question } from './question.js';

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

/** Neighbours and links are looked up of so many of the best candidates; more changed nothing on judged data. */
const BEST = 20;
const SPAN = 2;
const MOST_LINKS = 100;

/** @param keys candidates, best first */
export async function lookAround(
  whose: Whose,
  keys: readonly string[],
  question: Question,
  deps: SurroundingsDeps,
): Promise<Surroundings> {
  const { memories, links } = deps;
  const best = keys.slice(0, BEST);
  const [near, touching] = await Promise.all([
    orWithout([], 'thread_unavailable', memories.recall.around(whose, best, SPAN), deps),
    orWithout([], 'graph_unavailable', links.touching({ ...whose, keys: best, limit: MOST_LINKS }), deps),
  ]);
  const beside: Pairs = new Map();
  for (const { of, key, distance } of near) {
    put(beside, of, key, distance);
    put(beside, key, of, -distance);
  }
  const linked: Pairs = new Map();
  for (const { key, end, weight } of touching) {
    put(linked, key, end, weight);
    put(linked, end, key, weight);
  }
  const all = [...new Set([...keys, ...near.map(({ key }) => key), ...touching.map(({ end }) => end)])];
  const reading = memories.recall.facts(whose, all, marksOf(question));
  const facts = await orWithout([], 'thread_unavailable', reading, deps);
  return { facts: new Map(facts.map((fact) => [fact.key, fact])), beside, linked };
}

type Pairs = Map<string, Map<string, number>>;

function put(pairs: Pairs, from: string, to: string, value: number): void {
  const known = pairs.get(from);
  if (known === undefined) pairs.set(from, new Map([[to, value]]));
  else known.set(to, value);
}
