import { describe, expect, test } from '@jest/globals';
import { Pace, paceText } from './pace.js';

describe('the pace of a job', () => {
  test('is not known at first, then what was done in a second', () => {
    const pace = new Pace();
    expect(pace.at(1_000, 0)).toBeNull();
    expect(pace.at(2_000, 50)).toBe(50);
    expect(pace.at(3_000, 150)).toBe(75);
  });

  test('is that of the last half minute', () => {
    const pace = new Pace();
    for (let second = 0; second <= 100; second += 1) pace.at(second * 1_000, second * 10);
    for (let second = 101; second <= 140; second += 1) pace.at(second * 1_000, 1_000 + (second - 100) * 2);
    expect(pace.at(141_000, 1_082)).toBe(2);
  });

  test('of one that goes on from where another process was is what was seen here', () => {
    const pace = new Pace();
    pace.at(0, 5_000);
    expect(pace.at(1_000, 5_010)).toBe(10);
  });

  test.each([
    [null, 10, ''],
    [52.4, null, '  52/s'],
    [2.55, 100, '  2.5/s  40 s left'],
    [10, 1_800, '  10/s  3 min left'],
    [100, 1_000_000, '  100/s  2 h 47 min left'],
  ])('of %j with %j left reads %j', (perSecond, left, text) => {
    expect(paceText(perSecond, left)).toBe(text);
  });
});
