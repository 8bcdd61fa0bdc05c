import { expect, test } from '@jest/globals';
import { asks, tellsTime } from './recall-facts.js';

test.each(['Why?', 'Is it? ', '"Is it?"', 'Is it?)\n', '何？', 'متى؟', `${'long '.repeat(99)}?`])(
  '%j asks',
  (text) => {
    expect(asks(text)).toBe(true);
  },
);

test.each(['', 'No? Not I.', '?!', `?${' '.repeat(16)}`])('%j does not ask', (text) => {
  expect(asks(text)).toBe(false);
});

test.each([
  'Yesterday.',
  'two weeks ago',
  'on a Friday',
  'In may',
  'back in 2019',
  'at 7:30',
  `${'x '.repeat(1_990)}today`,
])('%j tells a time', (text) => {
  expect(tellsTime(text)).toBe(true);
});

test.each(['', 'maybe', 'lasting', 'the wednesdays', '12019', 'überlast', `${'x '.repeat(2_000)}today`])(
  '%j tells none',
  (text) => {
    expect(tellsTime(text)).toBe(false);
  },
);
