import type { Feature } from './feature.js';

/** Asked for by the caller: what whoever stored the memory said of it. */
export const importance = {
  name: 'importance',
  of: () => (_key, fact) => fact?.importance ?? 0,
} as const satisfies Feature;
