import type { Feature } from './feature.js';

/** How well the words match: BM25, by far the most telling on conversations. */
export const keyword = {
  name: 'keyword',
  of:
    ({ keyword: scores }) =>
    (key) =>
      scores.get(key) ?? 0,
} as const satisfies Feature;
