import { describe, expect, test } from '@jest/globals';
import { threadPlace } from './thread-order.js';

describe('the place in a thread that a coord names', () => {
  test.each([
    [['D1:2', 'D1:10', 'D2:1']],
    [['msg-9', 'msg-10', 'msg-100']],
    [['1,3', '1,20', '2,1']],
    [['2024-05-01.2', '2024-05-01.11', '2024-06-01.1']],
  ])('%j sort in this order', (coords) => {
    expect(coords.toSorted((a, b) => (threadPlace(a) < threadPlace(b) ? -1 : 1))).toEqual(coords);
  });

  test.each(['favourite-colour', '0192f3a4-7b1c-7d3e-8f00-123456789abc', '9e107d9d372bb6826bd81d3542a419d6'])(
    '%s names none',
    (coord) => {
      expect(threadPlace(coord)).toBe('');
    },
  );

  test('stays short however many numbers a coord has', () => {
    expect(threadPlace(Array.from({ length: 64 }, (_, at) => at).join(','))).toHaveLength(8 * 15 + 7);
  });
});
