import type { AttributeField, Comparison, FieldPath, Filter, Scalar } from './filter.js';
import { isJsonObject, type JsonValue } from './json.js';
import type { Memory } from './memory.js';

/** What a filter sees of a memory: its attributes by name, and its payload. */
export type Filterable = Pick<Memory, AttributeField | 'payload'>;

/**
 * What a filter means. A scalar matches an array that contains it; types never mix; null equals only null; an
 * attribute always exists; strings are ordered by code point, as UTF-8 bytes are.
 */
export function matches(filter: Filter, memory: Filterable): boolean {
  switch (filter.op) {
    case 'and':
      return filter.clauses.every((clause) => matches(clause, memory));
    case 'or':
      return filter.clauses.some((clause) => matches(clause, memory));
    case 'not':
      return !matches(filter.clause, memory);
    case 'eq':
      return scalarsAt(filter.field, memory).some((value) => value === filter.value);
    case 'in':
      return scalarsAt(filter.field, memory).some((value) => filter.values.includes(value));
    case 'exists':
      return valueAt(filter.field, memory) !== undefined;
    case 'prefix':
      return scalarsAt(filter.field, memory).some(
        (value) => typeof value === 'string' && value.startsWith(filter.value),
      );
    default:
      return scalarsAt(filter.field, memory).some((value) => compares(filter.op, value, filter.value));
  }
}

function compares(op: Comparison, left: Scalar, right: string | number): boolean {
  const order = orderOf(left, right);
  if (order === undefined) return false;
  switch (op) {
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
  }
}

/** Undefined when the two are not of one ordered type. */
function orderOf(left: Scalar, right: string | number): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right);
  return undefined;
}

/** JavaScript's `<` compares UTF-16 code units and puts U+10000 before U+E000; bytes and Postgres do not. */
function compareCodePoints(left: string, right: string): number {
  let at = 0;
  while (at < left.length && at < right.length) {
    const one = left.codePointAt(at) ?? 0;
    const other = right.codePointAt(at) ?? 0;
    if (one !== other) return one - other;
    at += one > 0xffff ? 2 : 1;
  }
  return left.length - right.length;
}

function scalarsAt(field: FieldPath, memory: Filterable): Scalar[] {
  const value = valueAt(field, memory);
  if (value === undefined) return [];
  const values = Array.isArray(value) ? value : [value];
  return values.filter((item): item is Scalar => typeof item !== 'object' || item === null);
}

function valueAt(field: FieldPath, memory: Filterable): JsonValue | undefined {
  if ('attribute' in field) return memory[field.attribute];
  let value: JsonValue | undefined = memory.payload;
  for (const step of field.payload) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
