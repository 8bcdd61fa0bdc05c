import { describe, expect, test } from '@jest/globals';
import { commonPrefix, pageOf } from './namespaces.js';

const all = [
  ['users', 'ada', 'prefs'],
  ['users', 'bob'],
  ['docs', 'v1'],
  ['users', 'ada', 'facts'],
  ['docs'],
];
const prefix = (...path: string[]) => ({ matchType: 'prefix', path }) as const;
const suffix = (...path: string[]) => ({ matchType: 'suffix', path }) as const;
const page = { limit: 100, offset: 0 };

describe('pageOf', () => {
  test('sorts, and lists each once', () => {
    expect(pageOf([...all, ['docs']], page)).toEqual([
      ['docs'],
      ['docs', 'v1'],
      ['users', 'ada', 'facts'],
      ['users', 'ada', 'prefs'],
      ['users', 'bob'],
    ]);
  });

  test('keeps what every condition matches, a star being any one label', () => {
    expect(pageOf(all, { ...page, matchConditions: [prefix('users', '*'), suffix('prefs')] })).toEqual([
      ['users', 'ada', 'prefs'],
    ]);
    expect(pageOf(all, { ...page, matchConditions: [prefix('user')] })).toEqual([]);
    expect(pageOf(all, { ...page, matchConditions: [suffix('a', 'docs')] })).toEqual([]);
  });

  test('cuts to the depth before it counts', () => {
    expect(pageOf(all, { maxDepth: 1, limit: 1, offset: 1 })).toEqual([['users']]);
  });
});

test('commonPrefix is what the service can narrow by', () => {
  expect(commonPrefix([])).toEqual([]);
  expect(commonPrefix([suffix('v1')])).toEqual([]);
  expect(commonPrefix([prefix('users'), prefix('users', 'ada', '*', 'x')])).toEqual(['users', 'ada']);
});
