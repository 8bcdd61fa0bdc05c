import type { JsonValue } from '@soma/memory';

/** RFC 7396: what is null goes, objects are merged, everything else takes the place of what was there. */
export function merged(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const kept = new Map<string, JsonValue>(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) kept.delete(name);
    else kept.set(name, merged(kept.get(name), value));
  }
  return Object.fromEntries(kept);
}
