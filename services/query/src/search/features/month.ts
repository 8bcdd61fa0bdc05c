import { isInMonth } from '../named-date.js';
import type { Feature } from './feature.js';

/** The query names a month, and the memory is of it. */
export const month = {
  name: 'month',
  of:
    ({ question, facts }) =>
    (key) => {
      const occurred = facts.get(key)?.occurred_at ?? null;
      return question.date !== null && occurred !== null && isInMonth(occurred, question.date) ? 1 : 0;
    },
} as const satisfies Feature;
