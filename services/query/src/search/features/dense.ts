import type { Feature } from './feature.js';

/** How near the meanings are: finds what is said in other words. Nothing without a real model. */
export const dense = {
  name: 'dense',
  of:
    ({ dense: scores }) =>
    (key) =>
      scores.get(key) ?? 0,
} as const satisfies Feature;
