import { expect, test } from '@jest/globals';
import { parseSessionDate } from './date.js';

test.each([
  ['1:56 pm on 8 May, 2023', '2023-05-08T13:56:00.000Z'],
  ['12:09 am on 13 September, 2023', '2023-09-13T00:09:00.000Z'],
  ['12:30 pm on 1 January, 2024', '2024-01-01T12:30:00.000Z'],
])('%s', (text, expected) => {
  expect(parseSessionDate(text)).toBe(expected);
});

test.each(['', '8 May 2023', '1:56 pm on 8 Mai, 2023'])('%j has another form', (text) => {
  expect(parseSessionDate(text)).toBeUndefined();
});
