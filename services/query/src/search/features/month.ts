import { isIn } from '../named-month.js';
import type { Feature } from './feature.js';

/** The query names a month, and the memory is of it. */
export const month = {
  name: 'month',
  of:
    ({ question, facts }) =>
    (key) => {
      const occurred = facts.get(key)?.occurred_at ?? null;
      return question.month !== null && occurred !== null && isIn(occurred, question.month) ? 1 : 0;
    },
} as const satisfies Feature;
