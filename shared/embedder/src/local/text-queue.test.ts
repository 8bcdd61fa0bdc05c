import { expect, test } from '@jest/globals';
import { TextQueue, type Purpose, type WaitingText } from './text-queue.js';

const waiting = (text: string, purpose: Purpose = 'document'): WaitingText => ({
  text,
  purpose,
  abandoned: false,
});
const textsOf = (batch: WaitingText[]) => batch.map(({ text }) => text);
const bounds = { texts: 3, characters: 1_000 };

test('queries go first, and never share a batch with documents', () => {
  const queue = new TextQueue();
  queue.push([waiting('d1'), waiting('d2')]);
  queue.push([waiting('q', 'query')]);
  expect([textsOf(queue.take(bounds)), textsOf(queue.take(bounds))]).toEqual([['q'], ['d1', 'd2']]);
});

test('texts of one call come by length, those of several calls share batches', () => {
  const queue = new TextQueue();
  queue.push([waiting('ccc'), waiting('a')]);
  queue.push([waiting('bb'), waiting('dddd')]);
  expect([textsOf(queue.take(bounds)), textsOf(queue.take(bounds)), queue.length]).toEqual([
    ['a', 'ccc', 'bb'],
    ['dddd'],
    0,
  ]);
});

test('a batch is bounded by what padding makes of it, but a text alone always goes', () => {
  const queue = new TextQueue();
  queue.push([waiting('a'.repeat(4)), waiting('b'.repeat(5)), waiting('c'.repeat(50))]);
  const small = { texts: 3, characters: 10 };
  expect([queue.take(small), queue.take(small)].map((batch) => batch.length)).toEqual([2, 1]);
});

test('what was abandoned holds no place', () => {
  const queue = new TextQueue();
  const left = waiting('left');
  queue.push([left, waiting('stays')]);
  left.abandoned = true;
  queue.sweep();
  expect(textsOf(queue.takeAll())).toEqual(['stays']);
});
