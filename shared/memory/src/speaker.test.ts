import { expect, test } from '@jest/globals';
import { speakerOf } from './speaker.js';

test('the actor speaks, else the field of the payload that tells', () => {
  expect(speakerOf({ actor: ' Ada ', payload: { speaker: 'Grace' } })).toBe('ada');
  expect(speakerOf({ actor: null, payload: { author: 'Grace Hopper', user: 'x' } })).toBe('grace hopper');
  expect(speakerOf({ actor: '', payload: { speaker: '', user: 'Mary' } })).toBe('mary');
});

test('nobody speaks where no text tells', () => {
  expect(speakerOf({ actor: null, payload: { speaker: 7, author: { name: 'x' }, text: 'Ada' } })).toBeNull();
});
