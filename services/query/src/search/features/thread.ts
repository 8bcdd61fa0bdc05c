import { ownScore, type View } from '../view.js';
import type { Feature } from './feature.js';

/** So many of a thread's best memories speak for it: all of them would favour long threads. */
const BEST_OF_THREAD = 3;

/** How well the thread as a whole matches, by its best memories: a conversation about it holds the answer. */
export const thread = {
  name: 'thread',
  of: (view) => {
    const scores = threadScores(view);
    const greatest = [...scores.values()].reduce((most, score) => Math.max(most, score), 0);
    return (key) => {
      const id = view.facts.get(key)?.thread_id ?? null;
      return id === null || greatest === 0 ? 0 : (scores.get(id) ?? 0) / greatest;
    };
  },
} as const satisfies Feature;

function threadScores(view: View): Map<string, number> {
  const members = new Map<string, number[]>();
  for (const { key, thread_id: id } of view.facts.values()) {
    if (id === null) continue;
    const scores = members.get(id) ?? [];
    scores.push(ownScore(key, view));
    members.set(id, scores);
  }
  const best = (scores: number[]) =>
    scores
      .sort((a, b) => b - a)
      .slice(0, BEST_OF_THREAD)
      .reduce((sum, score) => sum + score, 0);
  return new Map([...members].map(([id, scores]) => [id, best(scores)]));
}
