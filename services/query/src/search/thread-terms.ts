import type { View } from './view.js';

/** The words of a query in the threads of its candidates. */
export interface ThreadTerms {
  /** What each term of the query counts: how often the query has it, and how few of the threads. */
  weights: number[];
  /** How many candidates of each thread have each term. */
  counts: ReadonlyMap<string, readonly number[]>;
}

/** How rare a term is follows from these threads alone, so that nothing has to be asked of the index. */
export function threadTerms({ question, terms, facts }: View): ThreadTerms {
  const { values } = question.words;
  const counts = new Map<string, number[]>();
  for (const [key, places] of terms) {
    const id = facts.get(key)?.thread_id ?? null;
    if (id === null) continue;
    const count = counts.get(id) ?? values.map(() => 0);
    for (const place of places) count[place] = (count[place] ?? 0) + 1;
    counts.set(id, count);
  }
  const threads = [...counts.values()];
  const weights = values.map((value, place) => {
    const having = threads.filter((count) => (count[place] ?? 0) > 0).length;
    return value * Math.log(1 + (threads.length - having + 0.5) / (having + 0.5));
  });
  return { weights, counts };
}
