import { isAboutDay } from '../named-date.js';
import type { Feature } from './feature.js';

/** The query names a day, and the memory is of it, or of the day before or after. */
export const day = {
  name: 'day',
  of:
    ({ question }) =>
    (_key, fact) => {
      const occurred = fact?.occurred_at ?? null;
      return question.date !== null && occurred !== null && isAboutDay(occurred, question.date) ? 1 : 0;
    },
} as const satisfies Feature;
