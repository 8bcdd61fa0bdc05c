import type { Feature } from './feature.js';

/** The query names a speaker, and the memory is theirs. */
export const speaker = {
  name: 'speaker',
  of:
    ({ question }) =>
    (_key, fact) =>
      question.speakers.get(fact?.speaker ?? '') ?? 0,
} as const satisfies Feature;
