import type { Memory } from './memory.js';

/** Fields of a payload that tell who speaks, where the memory has no actor; the first that does. */
const SPEAKER_FIELDS = ['speaker', 'actor', 'author', 'user'] as const;
const LONGEST = 128;

/** Who speaks in a memory, lower case, for comparing with the words of a query; null when nothing tells. */
export function speakerOf({ actor, payload }: Pick<Memory, 'actor' | 'payload'>): string | null {
  const named = [actor, ...SPEAKER_FIELDS.map((field) => payload[field])].find(
    (value) => typeof value === 'string' && value.trim() !== '',
  );
  return typeof named === 'string' ? named.trim().toLowerCase().slice(0, LONGEST) : null;
}
