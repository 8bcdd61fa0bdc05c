import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EVERYTHING, scopedFilter, type Filter } from './filter.js';
import type { JsonObject, JsonValue } from './json.js';
import { matches, type Filterable } from './matches.js';
import { DEFAULT_ATTRIBUTES } from './memory.js';
import { parseFilter } from './parse-filter.js';

const memory: Filterable = {
  ...DEFAULT_ATTRIBUTES,
  coord: '42,17',
  version: 3,
  user_id: 'ada',
  tags: ['red', 'blue'],
  created_at: Date.parse('2024-05-01T00:00:00Z'),
  updated_at: Date.parse('2024-06-01T00:00:00Z'),
  expires_at: null,
  payload: {
    topic: 'product',
    n: 5,
    done: false,
    nothing: null,
    list: ['a', 7, null, ['deep'], { x: 1 }],
    nested: { a: { b: 'c' }, 'é.x': 1 },
    tags: ['shadowed'],
    payload: { inner: true },
    '': 'empty',
    wide: '\u{1f600}',
  },
};

function parsed(json: JsonValue): Filter {
  const result = parseFilter(json);
  if (!result.ok) throw new Error(result.detail);
  return result.filter;
}
const found = (json: JsonObject) => matches(parsed(json), memory);

describe('a filter matches', () => {
  test.each<JsonObject>([
    {},
    { topic: 'product' },
    { topic: 'product', n: 5 },
    { 'payload.topic': 'product' },
    { 'nested.a.b': 'c' },
    { 'payload.payload.inner': true },
    { 'payload.tags': 'shadowed' },
    { tags: 'red' },
    { user_id: 'ada' },
    { agent_id: null },
    { nothing: null },
    { list: 'a' },
    { list: null },
    { list: { $contains: 7 } },
    { done: false },
    { n: { $eq: 5 } },
    { n: { $ne: 6 } },
    { missing: { $ne: 6 } },
    { missing: { $nin: [null] } },
    { n: { $gt: 4, $lt: 6 } },
    { n: { $gte: 5, $lte: 5 } },
    { list: { $gt: 6 } },
    { topic: { $gt: 'produce' } },
    { topic: { $prefix: 'prod' } },
    { tags: { $prefix: 'bl' } },
    { n: { $in: ['5', 5] } },
    { topic: { $exists: true } },
    { nothing: { $exists: true } },
    { missing: { $exists: false } },
    { agent_id: { $exists: true } },
    { created_at: { $gte: '2024-05-01T02:00:00+02:00', $lt: '2024-05-01T00:00:00.001Z' } },
    { occurred_at: null },
    { version: 3, coord: '42,17' },
    { $or: [{ n: 9 }, { topic: 'product' }] },
    { $and: [{ n: 5 }, { $not: { topic: 'other' } }] },
    { $not: { $or: [{ n: 9 }, { missing: 1 }] } },
    { wide: { $gt: '\uffee' } },
  ])('%j', (json) => {
    expect(found(json)).toBe(true);
  });
});

describe('a filter does not match', () => {
  test.each<JsonObject>([
    { topic: 'Product' },
    { topic: 'product', n: 6 },
    { n: '5' },
    { done: 0 },
    { missing: null },
    { tags: 'shadowed' },
    { list: 'deep' },
    { list: { $in: [] } },
    { 'list.0': 'a' },
    { 'nested.a': 'c' },
    { 'topic.length': 7 },
    { 'nested.constructor.name': 'Object' },
    { n: { $gt: '4' } },
    { topic: { $lt: 9 } },
    { nothing: { $gte: 0 } },
    { missing: { $lt: 9 } },
    { n: { $prefix: '5' } },
    { missing: { $exists: true } },
    { user_id: { $exists: false } },
    { $not: {} },
    { $or: [{ n: 9 }, { n: 10 }] },
    { expires_at: { $gt: '2000-01-01T00:00:00Z' } },
  ])('%j', (json) => {
    expect(found(json)).toBe(false);
  });
});

describe('is no filter:', () => {
  const manyClauses = Array.from({ length: 65 }, (_, n) => ({ n }));
  let deep: JsonObject = { n: 1 };
  for (let depth = 0; depth < 8; depth += 1) deep = { $not: deep };

  test.each<[string, JsonValue]>([
    ['a list', []],
    ['a string', 'n'],
    ['null', null],
    ['an unknown operator', { n: { $regex: 'x' } }],
    ['an unknown junction', { $nor: [] }],
    ['an operator beside a plain field', { n: { $gt: 1, b: 2 } }],
    ['an object to compare with', { n: { a: 1 } }],
    ['a list to compare with', { n: [1] }],
    ['nothing to compare with', { n: {} }],
    ['an empty $or', { $or: [] }],
    ['$and of an object', { $and: {} }],
    ['$or of scalars', { $or: [1] }],
    ['$in of a scalar', { n: { $in: 1 } }],
    ['$in of objects', { n: { $in: [{}] } }],
    ['$exists of a number', { n: { $exists: 1 } }],
    ['$prefix of a number', { n: { $prefix: 1 } }],
    ['$gt of a boolean', { n: { $gt: true } }],
    ['an empty name', { '': 1 }],
    ['an empty step', { 'a..b': 1 }],
    ['a time that is no time', { created_at: { $gt: 'yesterday' } }],
    ['a day without a time', { created_at: { $gt: '2024-05-01' } }],
    ['a time that is a number', { created_at: { $gt: 5 } }],
    ['a day that no calendar has', { created_at: { $gt: '2024-02-30T00:00:00Z' } }],
    ['a value with U+0000', { n: 'a\0' }],
    ['a list with a lone surrogate', { n: { $in: ['\ud800'] } }],
    ['a prefix with U+0000', { n: { $prefix: '\0' } }],
    ['a name with U+0000', { 'a\0': 1 }],
    ['65 clauses', { $or: manyClauses }],
    ['65 empty clauses', { $or: Array.from({ length: 65 }, () => ({})) }],
    ['nine levels', deep],
  ])('%s', (_, json) => {
    expect(parseFilter(json).ok).toBe(false);
  });

  test('but 64 comparisons and eight levels are one', () => {
    const ranges = Array.from({ length: 32 }, (_, n) => ({ [`f${n}`]: { $gte: 1, $lt: 2 } }));
    expect(parseFilter({ $and: ranges }).ok).toBe(true);
    expect(parseFilter(deep['$not'] ?? null).ok).toBe(true);
  });
});

test('parsing never throws, and gives a filter that can be matched', () => {
  fc.assert(
    fc.property(fc.jsonValue() as fc.Arbitrary<JsonValue>, (json) => {
      const result = parseFilter(json);
      if (result.ok) expect(typeof matches(result.filter, memory)).toBe('boolean');
    }),
  );
});

test('strings are ordered as their UTF-8 bytes are', () => {
  const texts = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(texts, texts, (left, right) => {
      const order = Buffer.compare(Buffer.from(left), Buffer.from(right));
      const field = { payload: ['s'] };
      const holds = (op: 'gt' | 'gte' | 'lt' | 'lte') =>
        matches({ op, field, value: right }, { ...memory, payload: { s: left } });
      expect([holds('gt'), holds('gte'), holds('lt'), holds('lte')]).toEqual([
        order > 0,
        order >= 0,
        order < 0,
        order <= 0,
      ]);
    }),
  );
});

describe('a scope', () => {
  test('joins its fields with a filter', () => {
    const filter = scopedFilter({ user_id: 'ada', agent_id: undefined }, parsed({ n: 5 }));
    expect(matches(filter, memory)).toBe(true);
    expect(matches(filter, { ...memory, user_id: 'bob' })).toBe(false);
    expect(matches(filter, { ...memory, payload: { n: 6 } })).toBe(false);
  });

  test('of nothing is everything', () => {
    expect(scopedFilter({})).toEqual(EVERYTHING);
    expect(scopedFilter({}, parsed({ n: 5 }))).toEqual(parsed({ n: 5 }));
  });

  test('is not widened by a filter with $or', () => {
    const filter = scopedFilter({ user_id: 'bob' }, parsed({ $or: [{ n: 5 }, { n: 6 }] }));
    expect(matches(filter, memory)).toBe(false);
  });
});
