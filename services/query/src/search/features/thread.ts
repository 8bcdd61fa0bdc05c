import type { View } from '../view.js';
import type { Feature } from './feature.js';

/** As BM25: more memories with the same word say less and less that is new. */
const K1 = 1.2;

/** How many of the query's words its thread has, in whichever memories: a conversation about it names them all. */
export const thread = {
  name: 'thread',
  of: (view) => {
    const scores = threadScores(view);
    const greatest = Math.max(0, ...scores.values());
    return (_key, fact) => {
      const id = fact?.thread_id ?? null;
      return id === null || greatest === 0 ? 0 : (scores.get(id) ?? 0) / greatest;
    };
  },
} as const satisfies Feature;

/** How rare a word is follows from these threads alone, so that nothing has to be asked of the index. */
function threadScores({ question: { words }, terms, facts }: View): Map<string, number> {
  const counts = new Map<string, number[]>();
  for (const [key, places] of terms) {
    const id = facts.get(key)?.thread_id ?? null;
    if (id === null) continue;
    const count = counts.get(id) ?? words.values.map(() => 0);
    for (const place of places) count[place] = (count[place] ?? 0) + 1;
    counts.set(id, count);
  }
  const threads = [...counts.values()];
  const weights = words.values.map((value, place) => {
    const having = threads.filter((count) => (count[place] ?? 0) > 0).length;
    return value * Math.log(1 + (threads.length - having + 0.5) / (having + 0.5));
  });
  const scoreOf = (count: number[]) =>
    weights.reduce((sum, weight, place) => {
      const having = count[place] ?? 0;
      return sum + (weight * having * (K1 + 1)) / (having + K1);
    }, 0);
  return new Map([...counts].map(([id, count]) => [id, scoreOf(count)]));
}
