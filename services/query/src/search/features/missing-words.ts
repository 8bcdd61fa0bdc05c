import { threadTerms } from '../thread-terms.js';
import type { View } from '../view.js';
import type { Feature } from './feature.js';

/** Farther away in the thread is all the same. */
const FARTHEST = 3;

/**
 * Which part of the query it leaves to its thread: what others have named just before or after, it need not say again.
 * The second neighbour counts half, the rest of the thread a third.
 */
export const missingWords = {
  name: 'missing_words',
  of: (view) => {
    const { weights, counts } = threadTerms(view);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    return (key) => {
      const count = counts.get(view.facts.get(key)?.thread_id ?? '');
      if (count === undefined || all === 0) return 0;
      const distances = distancesOf(key, view);
      const own = new Set(view.terms.get(key));
      return weights.reduce((sum, weight, place) => {
        if (own.has(place) || (count[place] ?? 0) === 0) return sum;
        return sum + weight / all / (distances.get(place) ?? FARTHEST);
      }, 0);
    };
  },
} as const satisfies Feature;

/** How far the nearest neighbour is that has a term. */
function distancesOf(key: string, { beside, terms }: View): Map<number, number> {
  const distances = new Map<number, number>();
  for (const [other, distance] of beside.get(key) ?? []) {
    for (const place of terms.get(other) ?? [])
      distances.set(place, Math.min(Math.abs(distance), distances.get(place) ?? FARTHEST));
  }
  return distances;
}
