import { expect, test } from '@jest/globals';
import { deriveText } from './derive-text.js';
import type { JsonObject } from './json.js';

test.each<[string, JsonObject, string]>([
  ['payload.text', { content: 'no', text: 'yes', other: 'no' }, 'yes'],
  ['an empty payload.text too', { text: '', content: 'no' }, ''],
  ['else payload.content', { other: 'no', content: 'yes' }, 'yes'],
  [
    'else every string value in order',
    { b: 'one', a: ['two', 3, { c: 'three', d: null }], e: true, f: 'four' },
    'one\ntwo\nthree\nfour',
  ],
  ['a text that is no string counts for nothing', { text: 5, a: { text: 'deep' } }, 'deep'],
  ['nothing', {}, ''],
])('%s', (_, payload, text) => {
  expect(deriveText(payload)).toBe(text);
});
