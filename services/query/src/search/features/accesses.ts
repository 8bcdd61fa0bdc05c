import type { Feature } from './feature.js';

/** How often it was read or found, as a logarithm, against the most of the candidates: what is recalled is wanted again. */
export const accesses = {
  name: 'accesses',
  of: ({ facts }) => {
    const most = Math.max(0, ...[...facts.values()].map((fact) => fact.accesses));
    return (_key, fact) => (most === 0 ? 0 : Math.log1p(fact?.accesses ?? 0) / Math.log1p(most));
  },
} as const satisfies Feature;
