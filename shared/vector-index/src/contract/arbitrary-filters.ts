import type { FieldPath, Filter, Filterable, JsonValue, Scalar } from '@soma/memory';
import fc from 'fast-check';
import { fields } from './fixtures.js';

// Few names and values, so that filters and memories meet; among them what a path language could trip over.
const step = fc.constantFrom('a', 'b', 'a-b', 'a b', 'a[0]', 'a[]', '"', '\\', 'é', '0', 'id');
const text = fc.constantFrom('', 'x', 'xy', 'X', 'x y', 'true', '1', 'é', '"', "'");
const number = fc.constantFrom(-1, 0, 0.1, 1, 1.5, 2, 1e21, 9_007_199_254_740_991);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })), { maxLength: 3 }) },
);

export const arbitraryFields: fc.Arbitrary<Filterable> = fc
  .record({
    memory_type: fc.constantFrom('episodic' as const, 'semantic' as const),
    user_id: fc.option(text),
    thread_id: fc.option(text),
    tags: fc.array(text, { maxLength: 2 }),
    importance: fc.constantFrom(0, 0.1, 1),
    occurred_at: fc.option(fc.constantFrom(-1, 0, 1_700_000_000_000)),
    version: fc.integer({ min: 1, max: 3 }),
    payload: fc.dictionary(step, fc.oneof(value, fc.dictionary(step, value, { maxKeys: 3 })), { maxKeys: 4 }),
  })
  .map(({ payload, ...attributes }) => fields({ ...attributes, payload }));

const field: fc.Arbitrary<FieldPath> = fc.oneof(
  fc.record({
    attribute: fc.constantFrom(
      'memory_type' as const,
      'user_id' as const,
      'thread_id' as const,
      'tags' as const,
      'importance' as const,
      'occurred_at' as const,
      'expires_at' as const,
      'version' as const,
    ),
  }),
  fc.record({ payload: fc.array(step, { minLength: 1, maxLength: 2 }) }),
);

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constant('eq' as const), field, value: scalar }),
  fc.record({ op: fc.constant('in' as const), field, values: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({
    op: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
    field,
    value: fc.oneof(number, text),
  }),
  fc.record({ op: fc.constant('exists' as const), field }),
  fc.record({ op: fc.constant('prefix' as const), field, value: text }),
);

export const arbitraryFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'filter' },
    leaf,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      clauses: fc.array(tie('filter'), { maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), clause: tie('filter') }),
  ),
})).filter;
