import { ownScore } from '../view.js';
import type { Feature } from './feature.js';

/** The memory just before is a question that matches: then this one is its answer, in words that may not match. */
export const answer = {
  name: 'answer',
  of: (view) => (key) => {
    for (const [other, distance] of view.beside.get(key) ?? []) {
      if (distance === -1 && view.facts.get(other)?.asks === true) return ownScore(other, view);
    }
    return 0;
  },
} as const satisfies Feature;
