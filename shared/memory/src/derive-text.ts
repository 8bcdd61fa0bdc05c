import type { JsonObject, JsonValue } from './json.js';

/** The text of a memory that was given none: payload.text, else payload.content, else every string value in order. */
export function deriveText(payload: JsonObject): string {
  if (typeof payload['text'] === 'string') return payload['text'];
  if (typeof payload['content'] === 'string') return payload['content'];
  return [...stringsOf(payload)].join('\n');
}

function* stringsOf(value: JsonValue): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const child of Array.isArray(value) ? value : Object.values(value)) yield* stringsOf(child);
  }
}
