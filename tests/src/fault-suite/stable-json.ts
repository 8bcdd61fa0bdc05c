import { createHash } from 'node:crypto';
import type { JsonValue } from '@soma/memory';

/** JSON text in which the order of keys says nothing: equal values, equal texts. */
export function stableJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${stableJson(value[name] ?? null)}`);
  return `{${fields.join(',')}}`;
}

/** Stands for a payload in histories and sentences: what is stored never reaches a report. */
export function digestOf(value: JsonValue): string {
  return createHash('sha256').update(stableJson(value)).digest('hex').slice(0, 16);
}
