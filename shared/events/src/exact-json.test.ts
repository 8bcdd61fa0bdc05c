import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseExactJson, parseExactJsonObject } from './exact-json.js';

describe('parseExactJson takes', () => {
  test.each([
    '{}',
    ' { "a" : [ 1 , 2.50 , -0 , 1e3, true, false, null ] } ',
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"__proto__":1,"constructor":2}',
    '{"2":1,"1":2}',
    '"\\u00e9 \\ud83c\\udf75 \\\\u0000 \\" \\/"',
    '9007199254740991',
    '9007199254740994',
    '0.1000000000000000055511151231257827',
    '1e-400',
  ])('%s', (text) => {
    expect(parseExactJson(text)).toEqual({ value: JSON.parse(text) });
  });

  test('whatever JavaScript writes, since it was read from JavaScript', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('\\u0000'));
        expect(parseExactJson(text)).toEqual({ value: JSON.parse(text) });
        expect(parseExactJson(JSON.stringify(value, null, 2))).toEqual({ value: JSON.parse(text) });
      }),
    );
  });
});

describe('parseExactJson refuses', () => {
  test.each([
    ['', 'not JSON'],
    ['{"a":1,}', 'not JSON'],
    ['{"a":1,"a":1}', 'twice'],
    ['{"a":1,"\\u0061":2}', 'twice'],
    ['[{"b":{"a":1, "c":[], "a":2}}]', 'twice'],
    ['9007199254740993', 'digits'],
    ['{"id":-12345678901234567890}', 'digits'],
    ['[1e400]', 'overflows'],
    ['"\\u0000"', 'U+0000'],
    ['{"\\u0000":1}', 'U+0000'],
    ['"\\ud83c"', 'surrogate'],
    ['"\\uDF75\\uD83C"', 'surrogate'],
    ['['.repeat(100_000) + ']'.repeat(100_000), 'deeper'],
  ])('%.40s', (text, problem) => {
    expect(parseExactJson(text)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

test('parseExactJsonObject refuses everything else', () => {
  expect(parseExactJsonObject('{"a":1}')).toEqual({ value: { a: 1 } });
  expect(parseExactJsonObject('[]')).toEqual({ problem: 'it is not a JSON object' });
  expect(parseExactJsonObject('null')).toEqual({ problem: 'it is not a JSON object' });
});
