import type { Feature } from './feature.js';

/** The query names a speaker, and the memory is theirs. */
export const speaker = {
  name: 'speaker',
  of:
    ({ question, facts }) =>
    (key) =>
      question.speakers.get(facts.get(key)?.speaker ?? '') ?? 0,
} as const satisfies Feature;
