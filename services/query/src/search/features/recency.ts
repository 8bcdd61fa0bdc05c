import type { Feature } from './feature.js';

/** Asked for by the caller: 1 for what is of now, half of it after each half-life. */
export const recency = {
  name: 'recency',
  of: ({ request, now }) => {
    const { recency: asked } = request;
    if (asked === null) return () => 0;
    return (_key, fact) => {
      const time = fact?.occurred_at ?? fact?.updated_at ?? null;
      if (time === null) return 0;
      const age = Math.max(0, now - time);
      return 0.5 ** (age / asked.half_life_ms);
    };
  },
} as const satisfies Feature;
