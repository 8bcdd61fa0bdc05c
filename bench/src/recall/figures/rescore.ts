import type { Answer, Hit } from '../ask/ask-set.js';
import type { Ranking } from './summary.js';

export type ExplainedHit = Hit & { explain: NonNullable<Hit['explain']> };
export interface ExplainedAnswer extends Answer {
  hits: ExplainedHit[];
}

/** @throws RangeError when the service did not explain its hits */
export function explained(answers: readonly Answer[]): ExplainedAnswer[] {
  for (const { hits } of answers) {
    if (hits.some(({ explain }) => explain === undefined))
      throw new RangeError('The service does not explain its scores: features cannot be told apart');
  }
  return answers as ExplainedAnswer[];
}

/** Names of all features of the answers, in the order in which the service gives them. */
export function featureNames(answers: readonly ExplainedAnswer[]): string[] {
  const names = new Set<string>();
  for (const { hits } of answers) for (const { explain } of hits) for (const name in explain) names.add(name);
  return [...names];
}

/** What all features of a hit contribute, those left out excepted. */
export function scoreWithout(hit: ExplainedHit, leftOut: ReadonlySet<string>): number {
  let score = 0;
  for (const [name, { contribution }] of Object.entries(hit.explain))
    if (!leftOut.has(name)) score += contribution;
  return score;
}

/**
 * The hits of the answer in the order of another score. Equal ones are shuffled by their coords, not left as they were:
 * that order would give away what the other score does not know.
 */
export function ranked<H extends Hit>(
  { question, hits }: { question: Answer['question']; hits: readonly H[] },
  scoreOf: (hit: H) => number,
): Ranking {
  const scored = hits.map((hit) => ({ coord: hit.coord, score: scoreOf(hit), place: fnv1a(hit.coord) }));
  scored.sort((a, b) => b.score - a.score || a.place - b.place);
  return { question, coords: scored.map(({ coord }) => coord) };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** The largest difference between a score and the sum of its contributions; 0 when the score is that sum. */
export function unexplained(answers: readonly ExplainedAnswer[]): number {
  let most = 0;
  for (const { hits } of answers)
    for (const hit of hits) most = Math.max(most, Math.abs(hit.score - scoreWithout(hit, new Set())));
  return most;
}
