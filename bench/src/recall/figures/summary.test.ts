import { expect, test } from '@jest/globals';
import { summarise } from './summary.js';

function ranking(category: string, relevant: string[]) {
  return { question: { query: 'q', category, relevant }, coords: ['a', 'b'] };
}

test('every question counts the same, in its category and over all', () => {
  const lines = summarise(
    [ranking('x', ['a']), ranking('y', ['missing']), ranking('y', ['b', 'missing'])],
    ({ question }) => question.category,
  );
  expect(lines.map(({ label, questions, figures }) => [label, questions, figures['R@10']])).toEqual([
    ['x', 1, 1],
    ['y', 2, 0.25],
    ['all', 3, 0.5],
  ]);
});
