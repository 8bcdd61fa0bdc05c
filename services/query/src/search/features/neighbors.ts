import { ownScore } from '../view.js';
import type { Feature } from './feature.js';

/**
 * What is said just before and after. A remark often leaves unsaid what its neighbours name; the second neighbour
 * tells half as much.
 */
export const neighbors = {
  name: 'neighbors',
  of: (view) => (key) => {
    let sum = 0;
    for (const [other, distance] of view.beside.get(key) ?? [])
      sum += ownScore(other, view) / Math.abs(distance);
    return sum;
  },
} as const satisfies Feature;
