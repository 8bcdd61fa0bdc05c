import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { choice, decimal, flag, integer, list, port, text, url } from './setting-types.js';

type Case = [type: z.ZodType, text: string, value: unknown];

test.each<Case>([
  [integer({ min: -5, max: 10 }), '-5', -5],
  [integer({ min: 0, max: 10 }), '10', 10],
  [decimal({ min: 0, max: 1 }), '0.25', 0.25],
  [port(), '40020', 40_020],
  [flag(), '1', true],
  [flag(), 'TRUE', true],
  [flag(), 'no', false],
  [text(), ' a ', 'a'],
  [list(), ' a , b ,,', ['a', 'b']],
  [list(), '', []],
  [choice(['a', 'b']), 'b', 'b'],
  [url(['http', 'https']), 'https://host:1/v1', 'https://host:1/v1'],
])('%# takes %s', (type, given, value) => {
  expect(type.parse(given)).toEqual(value);
});

describe('refuses, in words that say what would do', () => {
  test.each<[type: z.ZodType, text: string, message: string]>([
    [integer({ min: 0, max: 10 }), '11', 'must be a whole number from 0 to 10'],
    [integer({ min: 0, max: 10 }), '1.5', 'must be a whole number from 0 to 10'],
    [integer({ min: 0, max: 10 }), '', 'must be a whole number from 0 to 10'],
    [integer({ min: 0, max: 10 }), '0x5', 'must be a whole number from 0 to 10'],
    [decimal({ min: 0, max: 1 }), '2', 'must be a number from 0 to 1'],
    [port(), '65536', 'must be a whole number from 0 to 65535'],
    [flag(), 'perhaps', 'must be 1 (true, yes, on) or 0 (false, no, off)'],
    [text(), '  ', 'must not be empty'],
    [choice(['a', 'b']), 'c', 'must be one of: a, b'],
    [url(['redis', 'rediss']), 'http://x', 'must be a URL that begins with redis:// or rediss://'],
    [url(['http']), 'localhost:80', 'must be a URL that begins with http://'],
  ])('%# refuses "%s"', (type, given, message) => {
    expect(type.safeParse(given).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});
