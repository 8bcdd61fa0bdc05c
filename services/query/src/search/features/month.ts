import { isInMonth } from '../named-date.js';
import type { Feature } from './feature.js';

/** The query names a month, and the memory is of it. */
export const month = {
  name: 'month',
  of:
    ({ question }) =>
    (_key, fact) => {
      const occurred = fact?.occurred_at ?? null;
      return question.date !== null && occurred !== null && isInMonth(occurred, question.date) ? 1 : 0;
    },
} as const satisfies Feature;
