import { describe, expect, test } from '@jest/globals';
import { cursorTo, positionIn, type CursorBinding } from './cursor.js';

const installation = {
  id: '0b0c7b9e-4c4e-4b55-8f2e-8ac1d8d1d4a1',
  secret: Buffer.alloc(32, 7),
  generation: 1,
};
const binding: CursorBinding = {
  installation,
  namespace: 'team',
  operation: 'listMemories',
  query: { order: 'coord' },
};
const position = { key: 'a', place: 1_700_000_000_000, cut: [-1, 2 ** 40 + 5] };
const refused = expect.objectContaining({ code: 'invalid_cursor' });

describe('a cursor', () => {
  test('gives back where it leads on', () => {
    expect(positionIn(cursorTo(position, binding), binding)).toEqual(position);
    expect(positionIn(undefined, binding)).toBeNull();
  });

  test.each<[string, Partial<CursorBinding>]>([
    ['namespace', { namespace: 'other' }],
    ['route', { operation: 'getRange' }],
    ['query', { query: { order: 'created_at' } }],
    ['installation', { installation: { ...installation, secret: Buffer.alloc(32, 8) } }],
    ['log', { installation: { ...installation, generation: 2 } }],
  ])('of another %s is refused', (_, other) => {
    const cursor = cursorTo(position, { ...binding, ...other });
    expect(() => positionIn(cursor, binding)).toThrow(refused);
  });

  test('that is damaged anywhere is refused', () => {
    const cursor = cursorTo(position, binding);
    for (let at = 0; at < cursor.length; at += 1) {
      const letter = cursor[at] === 'A' ? 'B' : 'A';
      expect(() => positionIn(cursor.slice(0, at) + letter + cursor.slice(at + 1), binding)).toThrow(refused);
      expect(() => positionIn(cursor.slice(0, at), binding)).toThrow(refused);
    }
  });

  test.each(['', '*', 'null', 'AAAA', `${cursorTo(position, binding)}=`, ` ${cursorTo(position, binding)}`])(
    '%j is none',
    (text) => {
      expect(() => positionIn(text, binding)).toThrow(refused);
    },
  );
});
