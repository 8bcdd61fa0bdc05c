import type { JsonValue } from './json.js';

/**
 * Can this text be kept as it is? U+0000 has no place in Postgres, a lone surrogate none in UTF-8; both are
 * refused, never altered.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/** The same of every string and key inside, and no number that JSON cannot write. Recurses: check the depth first. */
export function isStorableJson(value: JsonValue): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStorableJson);
  return Object.entries(value).every(([name, child]) => isStorableText(name) && isStorableJson(child));
}
