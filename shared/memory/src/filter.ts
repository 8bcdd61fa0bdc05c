import { isJsonObject, type JsonValue } from './json.js';
import type { Memory } from './memory.js';

export type Scalar = string | number | boolean | null;
export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';

/**
 * The one filter language, parsed. Each store compiles it; `matches` says what it means.
 * A field is a path: one of ATTRIBUTE_FIELDS, or steps into the payload.
 */
export type Filter =
  | { op: 'and' | 'or'; clauses: Filter[] }
  | { op: 'not'; clause: Filter }
  | { op: 'eq'; field: FieldPath; value: Scalar }
  | { op: 'in'; field: FieldPath; values: Scalar[] }
  | { op: Comparison; field: FieldPath; value: string | number }
  | { op: 'exists'; field: FieldPath }
  | { op: 'prefix'; field: FieldPath; value: string };

export type FieldPath = { attribute: AttributeField } | { payload: string[] };

/** Names in a filter that mean the memory's own attributes, not fields of its payload. Times compare as epoch milliseconds. */
export const ATTRIBUTE_FIELDS = [
  'memory_type',
  'user_id',
  'agent_id',
  'thread_id',
  'actor',
  'tags',
  'importance',
  'occurred_at',
  'expires_at',
  'created_at',
  'updated_at',
  'version',
  'coord',
] as const;
export type AttributeField = (typeof ATTRIBUTE_FIELDS)[number];
const TIME_FIELDS: ReadonlySet<string> = new Set(['occurred_at', 'expires_at', 'created_at', 'updated_at']);

export const EVERYTHING: Filter = { op: 'and', clauses: [] };

export type ParsedFilter = { ok: true; filter: Filter } | { ok: false; detail: string };

const MAX_DEPTH = 8;
const MAX_CLAUSES = 64;

class FilterSyntaxError extends Error {}

/** Reads the JSON form of a filter, `{"topic": "product", "importance": {"$gte": 0.5}}`. */
export function parseFilter(json: JsonValue): ParsedFilter {
  try {
    const budget = { clauses: MAX_CLAUSES };
    return { ok: true, filter: parseObject(json, 1, budget) };
  } catch (error) {
    if (error instanceof FilterSyntaxError) return { ok: false, detail: error.message };
    throw error;
  }
}

interface Budget {
  clauses: number;
}

function parseObject(json: JsonValue, depth: number, budget: Budget): Filter {
  if (!isJsonObject(json)) throw new FilterSyntaxError('a filter is a JSON object');
  if (depth > MAX_DEPTH) throw new FilterSyntaxError(`a filter may be nested ${MAX_DEPTH} deep`);
  const clauses = Object.entries(json).map(([name, value]) => parseEntry(name, value, depth, budget));
  return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { op: 'and', clauses };
}

function parseEntry(name: string, value: JsonValue, depth: number, budget: Budget): Filter {
  budget.clauses -= 1;
  if (budget.clauses < 0) throw new FilterSyntaxError(`a filter may have ${MAX_CLAUSES} clauses`);
  switch (name) {
    case '$and':
    case '$or':
      if (!Array.isArray(value) || value.length === 0) throw new FilterSyntaxError(`${name} takes a list of filters`);
      return {
        op: name === '$and' ? 'and' : 'or',
        clauses: value.map((clause) => parseObject(clause, depth + 1, budget)),
      };
    case '$not':
      return { op: 'not', clause: parseObject(value, depth + 1, budget) };
    default:
      if (name.startsWith('$')) throw new FilterSyntaxError('unknown operator; the documentation lists them all');
      return parseField(parsePath(name), value, budget);
  }
}

function parsePath(name: string): FieldPath {
  const attribute = ATTRIBUTE_FIELDS.find((field) => field === name);
  if (attribute !== undefined) return { attribute };
  const steps = name.split('.');
  if (steps.some((step) => step === '')) throw new FilterSyntaxError('a field name has an empty step');
  return { payload: steps.length > 1 && steps[0] === 'payload' ? steps.slice(1) : steps };
}

function parseField(field: FieldPath, value: JsonValue, budget: Budget): Filter {
  if (Array.isArray(value)) throw new FilterSyntaxError('a field is compared with a scalar; use $in for a list');
  if (!isJsonObject(value)) return { op: 'eq', field, value: scalarFor(field, value) };
  const entries = Object.entries(value);
  if (entries.length === 0) throw new FilterSyntaxError('a field has an empty comparison');
  const clauses = entries.map(([operator, operand]) => {
    budget.clauses -= 1;
    return parseOperator(field, operator, operand);
  });
  if (budget.clauses < 0) throw new FilterSyntaxError(`a filter may have ${MAX_CLAUSES} clauses`);
  return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { op: 'and', clauses };
}

function parseOperator(field: FieldPath, operator: string, operand: JsonValue): Filter {
  switch (operator) {
    case '$eq':
    case '$contains':
      return { op: 'eq', field, value: scalarFor(field, operand) };
    case '$ne':
      return { op: 'not', clause: { op: 'eq', field, value: scalarFor(field, operand) } };
    case '$in':
      return { op: 'in', field, values: scalarsFor(field, operand, operator) };
    case '$nin':
      return { op: 'not', clause: { op: 'in', field, values: scalarsFor(field, operand, operator) } };
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte': {
      const value = scalarFor(field, operand);
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw new FilterSyntaxError(`${operator} takes a number or a string`);
      }
      return { op: operator.slice(1) as Comparison, field, value };
    }
    case '$exists':
      if (typeof operand !== 'boolean') throw new FilterSyntaxError('$exists takes true or false');
      return operand ? { op: 'exists', field } : { op: 'not', clause: { op: 'exists', field } };
    case '$prefix':
      if (typeof operand !== 'string') throw new FilterSyntaxError('$prefix takes a string');
      return { op: 'prefix', field, value: operand };
    default:
      throw new FilterSyntaxError('unknown operator; the documentation lists them all');
  }
}

function scalarsFor(field: FieldPath, value: JsonValue, operator: string): Scalar[] {
  if (!Array.isArray(value)) throw new FilterSyntaxError(`${operator} takes a list`);
  return value.map((item) => scalarFor(field, item));
}

function scalarFor(field: FieldPath, value: JsonValue): Scalar {
  if (typeof value === 'object' && value !== null) throw new FilterSyntaxError('a comparison takes a scalar');
  if (!('attribute' in field) || !TIME_FIELDS.has(field.attribute) || value === null) return value;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new FilterSyntaxError(`${field.attribute} is compared with an RFC 3339 time`);
  return time;
}

/** What a filter sees of a memory: its attributes by name, and its payload. */
export type Filterable = Pick<Memory, AttributeField | 'payload'>;

/** What a filter means. A scalar matches an array that contains it; types never mix; null equals only null. */
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
  if (typeof left !== typeof right || left === null) return false;
  switch (op) {
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
  }
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

/** The scope fields of a request as a filter, joined with another. */
export function scopedFilter(scope: Partial<Record<AttributeField, Scalar | undefined>>, filter: Filter = EVERYTHING): Filter {
  const clauses: Filter[] = [];
  for (const field of ATTRIBUTE_FIELDS) {
    const value = scope[field];
    if (value !== undefined) clauses.push({ op: 'eq', field: { attribute: field }, value });
  }
  if (!(filter.op === 'and' && filter.clauses.length === 0)) clauses.push(filter);
  return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { op: 'and', clauses };
}

