import { expect, test } from '@jest/globals';
import { HeldBytes } from './held-bytes.js';

const overloaded = expect.objectContaining({ code: 'overloaded', message: 'too much' });

test('so many bytes are held at a time, and more once some are given back', () => {
  const held = new HeldBytes(100, 'too much');
  const [first, second] = [held.open(), held.open()];
  first.add(30);
  first.add(30);
  second.add(40);
  expect(held.bytes).toBe(100);
  expect(() => second.add(1)).toThrow(overloaded);
  expect(() => first.add(1)).toThrow(overloaded);
  expect(held.bytes).toBe(100);
  first.release();
  first.release();
  expect(held.bytes).toBe(40);
  second.add(1);
});

test('who holds alone may hold more than all, and then nobody else anything', () => {
  const held = new HeldBytes(100, 'too much');
  const alone = held.open();
  alone.add(90);
  alone.add(90);
  expect(() => held.open().add(1)).toThrow(overloaded);
  alone.release();
  expect(held.bytes).toBe(0);
});

test('what comes after the end is not held for ever', () => {
  const held = new HeldBytes(100, 'too much');
  const gone = held.open();
  gone.release();
  gone.add(60);
  expect(held.bytes).toBe(0);
});
