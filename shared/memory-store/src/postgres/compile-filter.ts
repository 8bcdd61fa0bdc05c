import type { AttributeField, Comparison, FieldPath, Filter, Scalar } from '@soma/memory';

/**
 * A filter as an SQL condition over the columns of `memories`, meaning exactly what `matches` means. Values are
 * appended to `parameters` and named by their number there; nothing of the filter stands in the SQL itself.
 * The condition is never null, so that it can be negated.
 */
export function compileFilter(filter: Filter, parameters: unknown[]): string {
  switch (filter.op) {
    case 'and':
      return junction(filter.clauses, ' and ', 'true', parameters);
    case 'or':
      return junction(filter.clauses, ' or ', 'false', parameters);
    case 'not':
      return `(not ${compileFilter(filter.clause, parameters)})`;
    default:
      return `(${compileComparison(filter, fieldOf(filter.field, parameters))})`;
  }
}

function junction(clauses: Filter[], operator: string, empty: string, parameters: unknown[]): string {
  if (clauses.length === 0) return empty;
  return `(${clauses.map((clause) => compileFilter(clause, parameters)).join(operator)})`;
}

type Leaf = Exclude<Filter, { op: 'and' | 'or' | 'not' }>;

/** What a field is in SQL. `exists` is a condition; the others say how its values compare. */
interface SqlField {
  exists: string;
  isOneOf(values: Scalar[]): string;
  compares(operator: '<' | '<=' | '>' | '>=', value: string | number): string;
  hasPrefix(value: string): string;
}

function compileComparison(leaf: Leaf, field: SqlField): string {
  switch (leaf.op) {
    case 'eq':
      return field.isOneOf([leaf.value]);
    case 'in':
      return field.isOneOf(leaf.values);
    case 'exists':
      return field.exists;
    case 'prefix':
      return field.hasPrefix(leaf.value);
    default:
      return field.compares(OPERATORS[leaf.op], leaf.value);
  }
}

const OPERATORS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const satisfies Record<Comparison, string>;

type ColumnType = 'text' | 'number' | 'time' | 'texts';

const COLUMN_TYPES: Record<AttributeField, ColumnType> = {
  memory_type: 'text',
  user_id: 'text',
  agent_id: 'text',
  thread_id: 'text',
  actor: 'text',
  tags: 'texts',
  importance: 'number',
  occurred_at: 'time',
  expires_at: 'time',
  created_at: 'time',
  updated_at: 'time',
  version: 'number',
  coord: 'text',
};

function fieldOf(field: FieldPath, parameters: unknown[]): SqlField {
  const name = nameIn(parameters);
  if ('payload' in field) return payloadField(field.payload, name);
  const column = field.attribute;
  switch (COLUMN_TYPES[column]) {
    case 'text':
      return textColumn(column, name);
    case 'texts':
      return textsColumn(column, name);
    case 'number':
      return numberColumn(`${column}::float8`, column, name);
    case 'time':
      // Exact: extract gives numeric, and a whole number of milliseconds.
      return numberColumn(`(extract(epoch from ${column}) * 1000)::float8`, column, name);
  }
}

/** Appends a value and gives its placeholder with a cast. */
export type Name = (value: unknown, type: string) => string;

export function nameIn(parameters: unknown[]): Name {
  return (value, type) => `$${parameters.push(value)}::${type}`;
}

/** `collate "C"` orders text by its bytes, which is by code points. */
function textColumn(column: string, name: Name): SqlField {
  return {
    exists: 'true',
    isOneOf: (values) =>
      `(${column} = any(${name(values.filter(isString), 'text[]')})) is true${orNull(column, values)}`,
    compares: (operator, value) =>
      typeof value === 'string'
        ? `(${column} collate "C" ${operator} ${name(value, 'text')}) is true`
        : 'false',
    hasPrefix: (value) => `starts_with(${column}, ${name(value, 'text')}) is true`,
  };
}

/** Tags: an array of strings that is never null, in which one match is enough. */
function textsColumn(column: string, name: Name): SqlField {
  const some = (condition: string): string =>
    `exists (select from unnest(${column}) as element where ${condition})`;
  return {
    exists: 'true',
    isOneOf: (values) => `${column} && ${name(values.filter(isString), 'text[]')}`,
    compares: (operator, value) =>
      typeof value === 'string' ? some(`element collate "C" ${operator} ${name(value, 'text')}`) : 'false',
    hasPrefix: (value) => some(`starts_with(element, ${name(value, 'text')})`),
  };
}

function numberColumn(expression: string, column: string, name: Name): SqlField {
  return {
    exists: 'true',
    isOneOf: (values) =>
      `(${expression} = any(${name(values.filter(isNumber), 'float8[]')})) is true${orNull(column, values)}`,
    compares: (operator, value) =>
      typeof value === 'number' ? `(${expression} ${operator} ${name(value, 'float8')}) is true` : 'false',
    hasPrefix: () => 'false',
  };
}

function isString(value: Scalar): value is string {
  return typeof value === 'string';
}

function isNumber(value: Scalar): value is number {
  return typeof value === 'number';
}

function orNull(column: string, values: Scalar[]): string {
  return values.includes(null) ? ` or ${column} is null` : '';
}

/** `->` with a text step descends into objects only, never into arrays, as the filter language does. */
function payloadField(path: string[], name: Name): SqlField {
  const value = `(payload::jsonb${path.map((step) => ` -> ${name(step, 'text')}`).join('')})`;
  return {
    exists: `${value} is not null`,
    // Containment: the scalar itself, or an array with it at its top.
    isOneOf: (scalars) =>
      `(${value} @> any(${name(
        scalars.map((scalar) => JSON.stringify(scalar)),
        'text[]',
      )}::jsonb[])) is true`,
    compares: (operator, scalar) =>
      typeof scalar === 'string'
        ? someElement(value, 'string', `(element #>> '{}') collate "C" ${operator} ${name(scalar, 'text')}`)
        : someElement(value, 'number', `(element #>> '{}')::float8 ${operator} ${name(scalar, 'float8')}`),
    hasPrefix: (prefix) =>
      someElement(value, 'string', `starts_with(element #>> '{}', ${name(prefix, 'text')})`),
  };
}

/** `case` fixes the order: the cast of an element is tried only when it is of the type. */
function someElement(value: string, type: 'string' | 'number', condition: string): string {
  return `exists (
    select from jsonb_array_elements(
      case jsonb_typeof(${value}) when 'array' then ${value} else jsonb_build_array(${value}) end) as element
    where case jsonb_typeof(element) when '${type}' then ${condition} else false end)`;
}
