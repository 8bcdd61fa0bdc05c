/** JSON as TypeScript sees it after `JSON.parse`. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Depth of nesting: a scalar is 0, `{}` is 1, `{"a": []}` is 2. Level by level, so that no nesting overflows the stack. */
export function jsonDepth(value: JsonValue): number {
  let depth = 0;
  let level = containersOf([value]);
  while (level.length > 0) {
    depth += 1;
    level = level.flatMap((container) => containersOf(Object.values(container)));
  }
  return depth;
}

function containersOf(values: JsonValue[]): (JsonValue[] | JsonObject)[] {
  return values.filter((value) => typeof value === 'object' && value !== null);
}
