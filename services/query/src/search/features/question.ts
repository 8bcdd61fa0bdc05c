import type { Feature } from './feature.js';

/** The text ends in a question: it asks for what is wanted, more often than it tells it. */
export const question = {
  name: 'question',
  of: () => (_key, fact) => (fact?.asks === true ? 1 : 0),
} as const satisfies Feature;
