import { expect, test } from '@jest/globals';
import { coordOf, filtersOf, memoryOf } from './item.js';

test('a coord is of path and key, whatever is in them', async () => {
  const names = [
    { namespace: ['a', 'b'], key: 'c' },
    { namespace: ['a'], key: 'b.c' },
    { namespace: ['a', 'b c'], key: 'ключ 🔑/..' },
  ];
  const coords = await Promise.all(names.map(coordOf));
  expect(new Set(coords).size).toBe(3);
  for (const coord of coords) expect(coord).toMatch(/^langgraph:[0-9a-f]{64}$/);
  expect(await coordOf({ namespace: ['a', 'b'], key: 'c' })).toBe(coords[0]);
});

test('a prefix is one of whole labels', () => {
  expect(filtersOf(['users', 'ada'])).toEqual({ 'langgraph.path': { $prefix: 'users.ada.' } });
  const { payload } = memoryOf('coord', { namespace: ['users', 'ada2'], key: 'k', value: {} }, undefined);
  expect(payload).toMatchObject({ langgraph: { path: 'users.ada2.' } });
});

test('everything is every item, not every memory', () => {
  expect(filtersOf([])).toEqual({ 'langgraph.path': { $prefix: '' } });
});

test('a filter is one of the value', () => {
  const filter = { status: 'active', score: { $gt: 4 } };
  expect(filtersOf(['a'], filter)).toMatchObject({ 'value.status': 'active', 'value.score': { $gt: 4 } });
});
