import {
  ATTRIBUTE_FIELDS,
  TIME_FIELDS,
  type Comparison,
  type FieldPath,
  type Filter,
  type Scalar,
} from './filter.js';
import { isJsonObject, type JsonValue } from './json.js';
import { isStorableText } from './storable.js';
import { parseTime } from './time.js';

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

/** Comparisons that may still come. An empty filter counts as one, so that lists of them are bounded too. */
interface Budget {
  clauses: number;
}

function spendClause(budget: Budget): void {
  budget.clauses -= 1;
  if (budget.clauses < 0) throw new FilterSyntaxError(`a filter may have ${MAX_CLAUSES} clauses`);
}

function parseObject(json: JsonValue, depth: number, budget: Budget): Filter {
  if (!isJsonObject(json)) throw new FilterSyntaxError('a filter is a JSON object');
  if (depth > MAX_DEPTH) throw new FilterSyntaxError(`a filter may be nested ${MAX_DEPTH} deep`);
  const entries = Object.entries(json);
  if (entries.length === 0) spendClause(budget);
  const clauses = entries.map(([name, value]) => parseEntry(name, value, depth, budget));
  return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { op: 'and', clauses };
}

function parseEntry(name: string, value: JsonValue, depth: number, budget: Budget): Filter {
  switch (name) {
    case '$and':
    case '$or':
      if (!Array.isArray(value) || value.length === 0)
        throw new FilterSyntaxError(`${name} takes a list of filters`);
      return {
        op: name === '$and' ? 'and' : 'or',
        clauses: value.map((clause) => parseObject(clause, depth + 1, budget)),
      };
    case '$not':
      return { op: 'not', clause: parseObject(value, depth + 1, budget) };
    default:
      if (name.startsWith('$'))
        throw new FilterSyntaxError('unknown operator; the documentation lists them all');
      return parseField(parsePath(name), value, budget);
  }
}

function parsePath(name: string): FieldPath {
  const attribute = ATTRIBUTE_FIELDS.find((field) => field === name);
  if (attribute !== undefined) return { attribute };
  const steps = storable(name).split('.');
  if (steps.some((step) => step === '')) throw new FilterSyntaxError('a field name has an empty step');
  return { payload: steps.length > 1 && steps[0] === 'payload' ? steps.slice(1) : steps };
}

function parseField(field: FieldPath, value: JsonValue, budget: Budget): Filter {
  if (Array.isArray(value))
    throw new FilterSyntaxError('a field is compared with a scalar; use $in for a list');
  if (!isJsonObject(value)) {
    spendClause(budget);
    return { op: 'eq', field, value: scalarFor(field, value) };
  }
  const entries = Object.entries(value);
  if (entries.length === 0) throw new FilterSyntaxError('a field has an empty comparison');
  const clauses = entries.map(([operator, operand]) => {
    spendClause(budget);
    return parseOperator(field, operator, operand);
  });
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
      return { op: 'prefix', field, value: storable(operand) };
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
  if (!('attribute' in field) || !TIME_FIELDS.has(field.attribute) || value === null) {
    return typeof value === 'string' ? storable(value) : value;
  }
  const time = typeof value === 'string' ? parseTime(value) : undefined;
  if (time === undefined) throw new FilterSyntaxError(`${field.attribute} is compared with an RFC 3339 time`);
  return time;
}

/** Stored text never holds U+0000 or lone surrogates, and a store may be unable to even ask for them. */
function storable(text: string): string {
  if (!isStorableText(text)) throw new FilterSyntaxError('a filter holds U+0000 or a lone surrogate');
  return text;
}
