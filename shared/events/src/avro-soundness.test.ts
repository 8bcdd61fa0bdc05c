import { describe, expect, test } from '@jest/globals';
import avsc, { type Schema } from 'avsc';
import { createSoundnessCheck } from './avro-soundness.js';

const typeOf = (schema: Schema) => avsc.Type.forSchema(schema, { wrapUnions: 'never' });
const everything = typeOf({
  type: 'record',
  name: 'Everything',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'int', type: 'int' },
    { name: 'float', type: 'float' },
    { name: 'bytes', type: 'bytes' },
    { name: 'fixed', type: { type: 'fixed', name: 'Four', size: 4 } },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
    { name: 'map', type: { type: 'map', values: 'double' } },
    { name: 'next', type: ['null', 'Everything'] },
    { name: 'lists', type: { type: 'array', items: { type: 'array', items: 'string' } } },
  ],
});

test('sound values of every kind of type are sound', () => {
  const inner = {
    flag: true,
    int: -5,
    float: 1.5,
    bytes: Buffer.of(0, 255),
    fixed: Buffer.of(1, 2, 3, 4),
    kind: 'B',
    map: { a: 1, b: 2 },
    next: null,
    lists: [['é', 'x'.repeat(100)], []],
  };
  const bytes = everything.toBuffer({ ...inner, next: inner });
  const check = createSoundnessCheck(everything);
  expect(check(bytes)).toBeUndefined();
  for (let end = 0; end < bytes.length; end += 1)
    expect(check(bytes.subarray(0, end))).toEqual(expect.any(String));
});

describe('unsound bytes', () => {
  const strings = createSoundnessCheck(typeOf({ type: 'array', items: 'string' }));
  const longest = Buffer.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);

  test.each([
    ['an array that claims more items than there are bytes', Buffer.concat([longest, Buffer.of(0)])],
    ['a string that is longer than the rest', Buffer.of(2, 20, 0x61, 0)],
    ['a string of negative length', Buffer.of(2, 1, 0)],
    ['invalid UTF-8', Buffer.of(2, 2, 0xff, 0)],
    ['U+0000', Buffer.of(2, 2, 0, 0)],
    ['a number that does not end', Buffer.alloc(11, 0x80)],
    ['bytes after the end', Buffer.of(0, 0)],
    ['a block of another size than it claims', Buffer.of(1, 9, 2, 0x61, 0)],
  ])('are found: %s', (_, bytes) => {
    expect(strings(bytes)).toEqual(expect.any(String));
  });

  test('are not seen in a block of the size it claims', () => {
    expect(strings(Buffer.of(1, 4, 2, 0x61, 0))).toBeUndefined();
  });

  test('are found in a branch that a union does not have', () => {
    expect(createSoundnessCheck(typeOf(['null', 'string']))(Buffer.of(4))).toEqual(expect.any(String));
  });
});
