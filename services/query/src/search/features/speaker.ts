import type { Feature } from './feature.js';

/** The query names one speaker, and the memory is theirs. */
export const speaker = {
  name: 'speaker',
  of:
    ({ question, facts }) =>
    (key) =>
      question.speaker !== null && facts.get(key)?.speaker === question.speaker ? 1 : 0,
} as const satisfies Feature;
