import { keptUntil, TOPICS } from '@soma/events';

/** When each topic has let go of what was written until then. */
export function logCleanBy(erasedAt: number): Record<string, string> {
  return Object.fromEntries(
    Object.values(TOPICS).map((topic) => [topic, new Date(keptUntil(topic, erasedAt)).toISOString()]),
  );
}
