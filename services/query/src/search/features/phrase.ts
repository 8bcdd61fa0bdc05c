import type { Feature } from './feature.js';

/** How much of what the query puts between quotation marks is in the text, word for word. */
export const phrase = {
  name: 'phrase',
  of: ({ question: { phrases } }) => {
    if (phrases.length === 0) return () => 0;
    return (_key, fact) => (fact?.phrases ?? 0) / phrases.length;
  },
} as const satisfies Feature;
