import { expect, test } from '@jest/globals';
import { type Following, followingOf } from './following.js';

const log = { bounds: () => Promise.resolve([{ partition: 0, start: 5, end: 10 }]) };

test.each<[string, number, boolean, number, Following]>([
  ['goes on where it is', 7, false, 7, 'follows'],
  ['goes over marks of transactions', 6, false, 8, 'follows'],
  ['was asked for before the position moved', 9, false, 6, 'stale'],
  ['begins at the start of a log that begins later than asked for', 2, true, 5, 'follows'],
  ['jumped over what retention took', 3, false, 5, 'lost'],
  ['jumped to the start of a log made anew', 40, false, 5, 'lost'],
  ['jumped to the start of a log made anew, at once', 40, true, 5, 'lost'],
  ['goes on at the end', 10, false, 10, 'follows'],
])('a fetch that %s', async (_what, position, untouched, first, following) => {
  const at = { topic: 'memory.events', partition: 0, position, untouched } as const;
  expect(await followingOf(at, first, log)).toBe(following);
});
