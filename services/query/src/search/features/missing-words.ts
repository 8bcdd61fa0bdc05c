import { threadTerms } from '../thread-terms.js';
import type { Feature } from './feature.js';

/** Which part of the query it leaves to its thread: what others there have named, it need not say again. */
export const missingWords = {
  name: 'missing_words',
  of: (view) => {
    const { weights, counts } = threadTerms(view);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    return (key) => {
      const count = counts.get(view.facts.get(key)?.thread_id ?? '');
      if (count === undefined || all === 0) return 0;
      const own = new Set(view.terms.get(key));
      const missing = weights.filter((_, place) => !own.has(place) && (count[place] ?? 0) > 0);
      return missing.reduce((sum, weight) => sum + weight, 0) / all;
    };
  },
} as const satisfies Feature;
