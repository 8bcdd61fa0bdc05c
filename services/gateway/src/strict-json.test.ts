import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

const parse = (text: string | Uint8Array, depth = 32) =>
  parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text, { depth });

describe('strict JSON', () => {
  test('reads whatever JSON.stringify writes, but for integers beyond 2^53', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/[0-9]{16,}(?![0-9]*[.e])/.test(text));
        expect(JSON.stringify(parse(text))).toBe(text);
      }),
    );
  });

  test('reads numbers, escapes and whitespace as JSON.parse does', () => {
    const text =
      ' {"a" :[ 1,-0.5e3, 1E+2 ,true,false,null ],\n"b":"\\u00e9\\ud83d\\ude00\\"\\\\\\/\\n","":{}}\r\t';
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test('keeps __proto__ and constructor as ordinary keys', () => {
    const object = parse('{"__proto__":{"admin":true},"constructor":1}');
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(Object.entries(object as object)).toEqual([
      ['__proto__', { admin: true }],
      ['constructor', 1],
    ]);
    expect(JSON.stringify(object)).toBe('{"__proto__":{"admin":true},"constructor":1}');
  });

  test.each([
    ['9007199254740992', 9007199254740992],
    ['-9007199254740992', -9007199254740992],
    ['1e300', 1e300],
    ['0.1', 0.1],
    ['0e5', 0],
  ])('takes the number %s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  test.each([
    ['9007199254740993', 'beyond'],
    ['-9007199254740993', 'beyond'],
    ['[12345678901234567890.5]', 'beyond'],
    ['1e20', 'beyond'],
    ['1e400', 'too large'],
    ['-1e400', 'too large'],
    ['1e-400', 'too small'],
    ['{"a":1,"a":2}', 'twice'],
    ['{"a":1,"\\u0061":2}', 'twice'],
    ['{"__proto__":1,"__proto__":2}', 'twice'],
    ['"\\ud800"', 'lone surrogate'],
    ['{"\\udc00":1}', 'lone surrogate'],
    ['"\\ude00\\ud83d"', 'lone surrogate'],
    ['"\\u0000"', 'U\\+0000'],
    ['"\u0001"', 'may not have'],
    ['"\\x41"', 'may not have'],
    ['"open', 'may not have'],
    ['\ufeff{}', 'expected a JSON value'],
    ['', 'expected a JSON value'],
    ['{} {}', 'follows'],
    ['[1,]', 'expected a JSON value'],
    ['{"a":1,}', 'expected a string'],
    ['{a:1}', 'expected a string'],
    ['[1 2]', 'expected a comma'],
    ['01', 'follows'],
    ['+1', 'expected a JSON value'],
    ['1.', 'follows'],
    ['NaN', 'expected a JSON value'],
    ['nul', 'expected a JSON value'],
    ["'a'", 'expected a JSON value'],
  ])('refuses %s', (text, problem) => {
    expect(() => parse(text)).toThrow(new RegExp(problem));
  });

  test('refuses bytes that are no UTF-8, also overlong and surrogate ones', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(() => parse(Uint8Array.from(bytes))).toThrow('UTF-8');
    }
  });

  test('counts nesting, and no nesting overflows the stack', () => {
    expect(parse('[[[]]]', 3)).toEqual([[[]]]);
    expect(() => parse('[[[[]]]]', 3)).toThrow('deeper than 3');
    expect(() => parse('['.repeat(200_000))).toThrow('deeper');
  });

  test('reads one long string, escapes and all', () => {
    const text = '\n"é'.repeat(1_000_000);
    expect(parse(JSON.stringify(text)) === text).toBe(true);
  });

  test('reads 16 MiB in linear time', () => {
    const text = JSON.stringify({
      operations: Array.from({ length: 500 }, (_, id) => ({ id, text: 'words and '.repeat(3_300) })),
    });
    // Quadratic work would outlast the test's own time limit.
    expect(parse(text)).toEqual(JSON.parse(text));
  });
});
