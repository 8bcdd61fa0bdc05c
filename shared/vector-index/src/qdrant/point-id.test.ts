import { expect, test } from '@jest/globals';
import { pointId, progressPointId } from './point-id.js';

test('ids are version 5 UUIDs, and the same for ever', () => {
  expect(pointId('default', '42,17')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(pointId('default', '42,17')).toBe('89f91695-aadc-5c3a-8a3a-b9f707621f00');
});

test('memories and partitions have ids of their own', () => {
  const ids = [
    pointId('a', 'b'),
    pointId('a', 'c'),
    pointId('b', 'b'),
    progressPointId(0),
    progressPointId(1),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
