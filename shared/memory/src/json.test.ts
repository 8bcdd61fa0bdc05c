import { expect, test } from '@jest/globals';
import { jsonDepth, type JsonValue } from './json.js';
import { isStorableJson, isStorableText } from './storable.js';

test.each<[JsonValue, number]>([
  [1, 0],
  [null, 0],
  [{}, 1],
  [[], 1],
  [{ a: [] }, 2],
  [{ a: 1, b: [[{ c: 'd' }]], e: {} }, 4],
])('%j has depth %d', (value, depth) => {
  expect(jsonDepth(value)).toBe(depth);
});

test('depth is told of any nesting that JSON.parse takes', () => {
  const depth = 5_000;
  expect(jsonDepth(JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as JsonValue)).toBe(depth);
});

test.each(['', 'plain', 'é \u{1f600} \uffff', '\u0001'])('%j is storable', (text) => {
  expect(isStorableText(text)).toBe(true);
});

test.each(['\0', 'a\0b', '\ud83d', '\ude00', 'a\ude00\ud83d'])(
  '%j is not storable, as text, value or key',
  (text) => {
    expect(isStorableText(text)).toBe(false);
    expect(isStorableJson({ a: [text] })).toBe(false);
    expect(isStorableJson([{ [text]: 1 }])).toBe(false);
  },
);

test('numbers beyond a double are not storable', () => {
  expect(isStorableJson(JSON.parse('[1e999]') as JsonValue)).toBe(false);
  expect(isStorableJson([1e308, -0, null, true])).toBe(true);
});
