import { matches, type Filter } from '@soma/memory';
import type { AboutCandidate, Candidate, IndexCandidates, IndexQuery } from '../port.js';
import { termsHad } from '../terms-had.js';
import { BestCandidates, type ScoredSlot } from './best-candidates.js';
import { SCOPE_FIELDS, type NamespaceCopy } from './namespace-copy.js';
import type { TermStatistics } from './term-statistics.js';
import { scaleToUnit } from './vector-slabs.js';

/** Exact search in one namespace: every point that passes is scored. */
export function searchNamespace(
  points: NamespaceCopy,
  statistics: TermStatistics,
  query: IndexQuery,
): IndexCandidates {
  const verdicts = new Verdicts(points, query);
  const dense = query.dense === null ? null : nearest(points, verdicts, query.dense);
  const sparse = query.sparse === null ? null : mostRelevant(points, statistics, verdicts, query.sparse);
  return {
    dense: dense === null ? [] : candidates(points, dense, sparse),
    sparse: sparse === null ? [] : candidates(points, sparse, dense),
    about: query.about ? aboutAll(points, [dense, sparse], query.sparse?.vector.indices ?? []) : new Map(),
  };
}

/** The best slots by one vector, and what any slot scores by it; null when it cannot be found by it. */
interface Found {
  best: ScoredSlot[];
  scoreOf: (slot: number) => number | null;
}

const UNKNOWN = 0;
const PASSES = 1;
const FAILS = 2;

/** Which slots a query may find; each is asked once, however often it comes up. */
class Verdicts {
  readonly #points: NamespaceCopy;
  readonly #query: IndexQuery;
  readonly #verdicts: Uint8Array;
  /** The only slots that can pass, or null for all. */
  readonly scope: readonly number[] | null;

  constructor(points: NamespaceCopy, query: IndexQuery) {
    this.#points = points;
    this.#query = query;
    this.#verdicts = new Uint8Array(points.slots);
    this.scope = smallestScope(points, query.filter);
  }

  passes(slot: number): boolean {
    const known = this.#verdicts[slot];
    if (known !== UNKNOWN) return known === PASSES;
    const points = this.#points;
    const passes =
      points.isAlive(slot) &&
      points.expiryOf(slot) > this.#query.now &&
      matches(this.#query.filter, points.fieldsOf(slot));
    this.#verdicts[slot] = passes ? PASSES : FAILS;
    return passes;
  }
}

/** Slots of the rarest scope that the filter demands by equality; the filter is still evaluated on them. */
function smallestScope(points: NamespaceCopy, filter: Filter): readonly number[] | null {
  if (filter.op === 'and') {
    let smallest: readonly number[] | null = null;
    for (const clause of filter.clauses) {
      const scope = smallestScope(points, clause);
      if (scope !== null && (smallest === null || scope.length < smallest.length)) smallest = scope;
    }
    return smallest;
  }
  if (filter.op !== 'eq' || !('attribute' in filter.field) || typeof filter.value !== 'string') return null;
  const { attribute } = filter.field;
  const field = SCOPE_FIELDS.find((scope) => scope === attribute);
  return field === undefined ? null : points.slotsOf(field, filter.value);
}

function nearest(
  points: NamespaceCopy,
  verdicts: Verdicts,
  { vector: asked, limit }: NonNullable<IndexQuery['dense']>,
): Found {
  const vector = scaleToUnit(Float64Array.from(asked));
  const best = new BestCandidates(limit, (slot) => points.keyOf(slot));
  const consider = (slot: number, score: number) => {
    if (best.wants(score, slot) && points.hasDense(slot) && verdicts.passes(slot)) best.offer(score, slot);
  };
  if (verdicts.scope === null) {
    const scores = points.vectors.dots(vector);
    for (let slot = 0; slot < points.slots; slot++) consider(slot, scores[slot] as number);
  } else {
    for (const slot of verdicts.scope) consider(slot, points.vectors.dot(slot, vector));
  }
  const scoreOf = (slot: number) => (points.hasDense(slot) ? points.vectors.dot(slot, vector) : null);
  return { best: best.sorted(), scoreOf };
}

function mostRelevant(
  points: NamespaceCopy,
  statistics: TermStatistics,
  verdicts: Verdicts,
  { vector, limit }: NonNullable<IndexQuery['sparse']>,
): Found {
  const scores = new Float64Array(points.slots);
  const isFound = new Uint8Array(points.slots);
  const found: number[] = [];
  for (const [at, term] of vector.indices.entries()) {
    const posting = points.postingsOf(term);
    const weight = (vector.values[at] ?? 0) * statistics.idf(term);
    for (let entry = 0; entry < posting.length; entry += 2) {
      const slot = posting[entry] as number;
      scores[slot] = (scores[slot] as number) + (posting[entry + 1] as number) * weight;
      if (isFound[slot] === 0) {
        isFound[slot] = 1;
        found.push(slot);
      }
    }
  }
  const best = new BestCandidates(limit, (slot) => points.keyOf(slot));
  for (const slot of found) {
    const score = scores[slot] as number;
    if (best.wants(score, slot) && verdicts.passes(slot)) best.offer(score, slot);
  }
  const scoreOf = (slot: number) => (isFound[slot] === 1 ? (scores[slot] as number) : null);
  return { best: best.sorted(), scoreOf };
}

/** The best of one list, then what only the other found and this one can score. */
function candidates(points: NamespaceCopy, { best, scoreOf }: Found, other: Found | null): Candidate[] {
  const listed = new Set(best.map(({ slot }) => slot));
  const further = new BestCandidates(other?.best.length ?? 0, (slot) => points.keyOf(slot));
  for (const { slot } of other?.best ?? []) {
    const score = listed.has(slot) ? null : scoreOf(slot);
    if (score !== null) further.offer(score, slot);
  }
  return [...best, ...further.sorted()].map(({ slot, score }) => ({
    key: points.keyOf(slot),
    revision: points.revisionOf(slot),
    score,
  }));
}

function aboutAll(
  points: NamespaceCopy,
  lists: readonly (Found | null)[],
  asked: readonly number[],
): Map<string, AboutCandidate> {
  const termsOf = termsHad(asked);
  const slots = new Set(lists.flatMap((list) => list?.best ?? []).map(({ slot }) => slot));
  return new Map(
    Array.from(slots, (slot) => [
      points.keyOf(slot),
      { facts: points.factsOf(slot), terms: termsOf(points.termsOf(slot)) },
    ]),
  );
}
