import type { AttributeField, FieldPath, Filter, Scalar } from '@soma/memory';
import { and, not, or, type Expression } from './expression.js';

/**
 * What Qdrant can say of a filter. Everything that matches passes `widest`, everything that passes `narrowest`
 * matches; where `isExact`, both are the filter itself. A filter that is not exact is sent as `widest`, and what
 * comes back is checked with `matches`. Two bounds, because what widens a clause narrows its negation.
 */
export interface CompiledFilter {
  widest: Expression;
  narrowest: Expression;
  isExact: boolean;
}

/** Where the fields of a memory are in a point's payload. */
const FIELDS = 'fields';

/** Compiles the filter language to Qdrant's, over points whose payload has a Filterable as `fields`. */
export function compileFilter(filter: Filter): CompiledFilter {
  switch (filter.op) {
    case 'and':
      return combined(filter.clauses.map(compileFilter), and);
    case 'or':
      return combined(filter.clauses.map(compileFilter), or);
    case 'not': {
      const { widest, narrowest, isExact } = compileFilter(filter.clause);
      return { widest: not(narrowest), narrowest: not(widest), isExact };
    }
    case 'eq':
      return compileEquality(filter.field, filter.value);
    case 'in':
      return combined(
        filter.values.map((value) => compileEquality(filter.field, value)),
        or,
      );
    case 'exists':
      return compileExistence(filter.field);
    case 'prefix':
      return compileStringTest(filter.field);
    default:
      return typeof filter.value === 'string'
        ? compileStringTest(filter.field)
        : compileRange(filter.field, { [filter.op]: filter.value });
  }
}

function exact(expression: Expression): CompiledFilter {
  return { widest: expression, narrowest: expression, isExact: true };
}

function combined(clauses: CompiledFilter[], join: (clauses: Expression[]) => Expression): CompiledFilter {
  const widest = join(clauses.map((clause) => clause.widest));
  const narrowest = join(clauses.map((clause) => clause.narrowest));
  if (widest === false) return exact(false);
  if (narrowest === true) return exact(true);
  return { widest, narrowest, isExact: clauses.every((clause) => clause.isExact) };
}

/** A single value, or any of an array's, equals the value: what Qdrant's `match` does for strings and booleans. */
function compileEquality(field: FieldPath, value: Scalar): CompiledFilter {
  if (value === null) return compileNull(field);
  // `match` knows only whole numbers; a range of one number knows them all.
  if (typeof value === 'number') return compileRange(field, { gte: value, lte: value });
  const key = keyOf(field);
  return key === undefined ? UNKNOWN : exact({ key, match: { value } });
}

/** Attributes are there with null; of a payload Qdrant cannot tell null from absent or from a list with null in it. */
function compileNull(field: FieldPath): CompiledFilter {
  if (!('attribute' in field)) return UNKNOWN;
  return exact(field.attribute === 'tags' ? false : { is_empty: { key: attributeKey(field.attribute) } });
}

type Range = Partial<Record<'gt' | 'gte' | 'lt' | 'lte', number>>;

function compileRange(field: FieldPath, range: Range): CompiledFilter {
  const key = keyOf(field);
  return key === undefined ? UNKNOWN : exact({ key, range });
}

/** A memory has all its attributes. What is not empty in a payload exists; an empty list or null exists too. */
function compileExistence(field: FieldPath): CompiledFilter {
  if ('attribute' in field) return exact(true);
  const key = keyOf(field);
  if (key === undefined) return UNKNOWN;
  return { widest: true, narrowest: notEmpty(key), isExact: false };
}

/** Order and prefixes of strings are beyond Qdrant: it only knows that there must be something to compare. */
function compileStringTest(field: FieldPath): CompiledFilter {
  const key = keyOf(field);
  return key === undefined ? UNKNOWN : { widest: notEmpty(key), narrowest: false, isExact: false };
}

const UNKNOWN: CompiledFilter = { widest: true, narrowest: false, isExact: false };

function notEmpty(key: string): Expression {
  return not({ is_empty: { key } });
}

function attributeKey(attribute: AttributeField): string {
  return `${FIELDS}.${attribute}`;
}

/** Qdrant's JSON path of a field, or undefined when it has none: a quoted step cannot hold a quote. */
function keyOf(field: FieldPath): string | undefined {
  if ('attribute' in field) return attributeKey(field.attribute);
  if (field.payload.some((step) => step === '' || /["\\]/.test(step))) return undefined;
  const steps = field.payload.map((step) => (isPlainStep(step) ? step : `"${step}"`));
  return [FIELDS, 'payload', ...steps].join('.');
}

function isPlainStep(step: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(step);
}

/** The parts of a payload that `matches` looks at: what has to come back with a point that is still to be checked. */
export function payloadOf(filter: Filter): string[] {
  return [...new Set(fieldsOf(filter).map(payloadKey))];
}

function fieldsOf(filter: Filter): FieldPath[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.clauses.flatMap(fieldsOf);
    case 'not':
      return fieldsOf(filter.clause);
    default:
      return [filter.field];
  }
}

function payloadKey(field: FieldPath): string {
  if ('attribute' in field) return attributeKey(field.attribute);
  const [first = ''] = field.payload;
  return isPlainStep(first) ? `${FIELDS}.payload.${first}` : `${FIELDS}.payload`;
}
