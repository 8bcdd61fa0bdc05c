import { ownScore } from '../view.js';
import type { Feature } from './feature.js';

/** What the memories linked with it match, by the weight of the links: one step of spreading along the graph. */
export const linked = {
  name: 'linked',
  of: (view) => (key) => {
    let sum = 0;
    let weights = 0;
    for (const [other, weight] of view.linked.get(key) ?? []) {
      sum += weight * ownScore(other, view);
      weights += weight;
    }
    return weights === 0 ? 0 : sum / weights;
  },
} as const satisfies Feature;
