import type { Feature } from './feature.js';

/** The query asks when, and the text says some time. */
export const time = {
  name: 'time',
  of:
    ({ question }) =>
    (_key, fact) =>
      question.asksWhen && fact?.tells_time === true ? 1 : 0,
} as const satisfies Feature;
