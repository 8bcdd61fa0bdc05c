import { describe, expect, test } from '@jest/globals';
import type { Filter } from '@soma/memory';
import { compileFilter, payloadOf } from './compile-filter.js';
import { searchFilter } from './search-points.js';

const topic = { payload: ['topic'] };
const notEmpty = { must_not: [{ is_empty: { key: 'fields.payload.topic' } }] };

describe('compileFilter', () => {
  test.each<[string, Filter, unknown]>([
    [
      'a string',
      { op: 'eq', field: topic, value: 'x' },
      { key: 'fields.payload.topic', match: { value: 'x' } },
    ],
    [
      'a number',
      { op: 'eq', field: topic, value: 1.5 },
      { key: 'fields.payload.topic', range: { gte: 1.5, lte: 1.5 } },
    ],
    [
      'a null attribute',
      { op: 'eq', field: { attribute: 'user_id' }, value: null },
      { is_empty: { key: 'fields.user_id' } },
    ],
    [
      'an odd name',
      { op: 'eq', field: { payload: ['a b', 'c'] }, value: true },
      { key: 'fields.payload."a b".c', match: { value: true } },
    ],
    [
      'a comparison',
      { op: 'gt', field: { attribute: 'importance' }, value: 0.5 },
      { key: 'fields.importance', range: { gt: 0.5 } },
    ],
    ['an empty conjunction', { op: 'and', clauses: [] }, true],
    ['an empty disjunction', { op: 'or', clauses: [] }, false],
    ['a list of nothing', { op: 'in', field: topic, values: [] }, false],
    ['the presence of an attribute', { op: 'exists', field: { attribute: 'user_id' } }, true],
    ['the negation of nothing', { op: 'not', clause: { op: 'or', clauses: [] } }, true],
  ])('%s is exact', (_name, filter, expression) => {
    expect(compileFilter(filter)).toEqual({ widest: expression, narrowest: expression, isExact: true });
  });

  const prefix: Filter = { op: 'prefix', field: topic, value: 'x' };

  test('what Qdrant cannot say is bounded from both sides', () => {
    expect(compileFilter(prefix)).toEqual({ widest: notEmpty, narrowest: false, isExact: false });
  });

  test('a negation swaps the bounds', () => {
    expect(compileFilter({ op: 'not', clause: prefix })).toEqual({
      widest: true,
      narrowest: { must_not: [notEmpty] },
      isExact: false,
    });
  });

  test('what decides makes the rest not matter', () => {
    const never: Filter = { op: 'or', clauses: [] };
    expect(compileFilter({ op: 'and', clauses: [prefix, never] })).toMatchObject({
      widest: false,
      isExact: true,
    });
    const always: Filter = { op: 'and', clauses: [] };
    expect(compileFilter({ op: 'or', clauses: [prefix, always] })).toMatchObject({
      narrowest: true,
      isExact: true,
    });
  });

  test('a name with a quote in it is left to be checked', () => {
    const filter: Filter = { op: 'eq', field: { payload: ['"'] }, value: 1 };
    expect(compileFilter(filter)).toEqual({ widest: true, narrowest: false, isExact: false });
    expect(payloadOf(filter)).toEqual(['fields.payload']);
  });
});

test('no search filter leaves out the namespace, deletions or expiry', () => {
  expect(searchFilter('team', 10.5, true)).toEqual({
    must: [
      { key: 'namespace', match: { value: 'team' } },
      { key: 'deleted', match: { value: false } },
      { key: 'expires_at', range: { gt: 10 } },
    ],
  });
});
