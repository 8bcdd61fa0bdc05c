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
/** Attributes that are written as RFC 3339 times in a filter. */
export const TIME_FIELDS: ReadonlySet<string> = new Set([
  'occurred_at',
  'expires_at',
  'created_at',
  'updated_at',
]);

export const EVERYTHING: Filter = { op: 'and', clauses: [] };

/** The scope fields of a request as a filter, joined with another. */
export function scopedFilter(
  scope: Partial<Record<AttributeField, Scalar | undefined>>,
  filter: Filter = EVERYTHING,
): Filter {
  const clauses: Filter[] = [];
  for (const field of ATTRIBUTE_FIELDS) {
    const value = scope[field];
    if (value !== undefined) clauses.push({ op: 'eq', field: { attribute: field }, value });
  }
  if (!(filter.op === 'and' && filter.clauses.length === 0)) clauses.push(filter);
  return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { op: 'and', clauses };
}
