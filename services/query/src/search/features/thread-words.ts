import { threadTerms } from '../thread-terms.js';
import type { Feature } from './feature.js';

/** As BM25: more memories with the same word say less and less that is new. */
const K1 = 1.2;

/** How many of the query's words its thread has, in whichever memories: a conversation about it names them all. */
export const threadWords = {
  name: 'thread_words',
  of: (view) => {
    const { weights, counts } = threadTerms(view);
    const scores = new Map(
      [...counts].map(([id, count]) => [
        id,
        weights.reduce((sum, weight, place) => {
          const having = count[place] ?? 0;
          return sum + (weight * having * (K1 + 1)) / (having + K1);
        }, 0),
      ]),
    );
    const greatest = Math.max(0, ...scores.values());
    return (key) => {
      const id = view.facts.get(key)?.thread_id ?? null;
      return id === null || greatest === 0 ? 0 : (scores.get(id) ?? 0) / greatest;
    };
  },
} as const satisfies Feature;
