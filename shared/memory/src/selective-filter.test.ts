import { expect, test } from '@jest/globals';
import type { JsonValue } from './json.js';
import { parseFilter } from './parse-filter.js';
import { isSelective } from './selective-filter.js';

test.each<[JsonValue, boolean]>([
  [{ topic: 'a' }, true],
  [{ topic: { $in: ['a'] }, n: { $ne: 1 } }, true],
  [{ $or: [{ topic: 'a' }, { n: { $gt: 1 }, m: { $ne: 1 } }] }, true],
  [{ $and: [{}, { topic: 'a' }] }, true],
  [{}, false],
  [{ topic: { $ne: 'a' } }, false],
  [{ topic: { $nin: ['a'] }, n: { $exists: false } }, false],
  [{ $not: { topic: 'a' } }, false],
  [{ $or: [{ topic: 'a' }, { topic: { $ne: 'b' } }] }, false],
  [{ $or: [{ topic: 'a' }, {}] }, false],
  [{ $and: [{}] }, false],
])('%j chooses: %s', (json, expected) => {
  const parsed = parseFilter(json);
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(isSelective(parsed.filter)).toBe(expected);
});
