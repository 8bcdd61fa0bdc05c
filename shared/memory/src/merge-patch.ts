import { isJsonObject, type JsonObject, type JsonValue } from './json.js';

/** JSON Merge Patch, RFC 7396 section 2: null removes, objects merge, everything else replaces. Changes nothing in place. */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  // A null prototype keeps a key named __proto__ an ordinary key.
  const result = Object.assign(Object.create(null) as JsonObject, isJsonObject(target) ? target : {});
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}
