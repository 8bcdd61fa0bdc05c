import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeConsistencyToken, encodeConsistencyToken, mergePositions } from './consistency-token.js';
import type { Installation, PositionVector } from './port.js';

const installation: Installation = {
  id: 'b1c9a0de-0000-4000-8000-000000000001',
  secret: Buffer.alloc(32, 7),
  generation: 3,
};
const binding = { installation, namespace: 'team' };
const LARGEST = 2 ** 40 - 1;

const positions = fc
  .dictionary(fc.integer({ min: 0, max: 200 }).map(String), fc.integer({ min: 0, max: LARGEST }), {
    minKeys: 1,
    noNullPrototype: true,
  })
  .map((record) =>
    Object.fromEntries(Object.entries(record).map(([partition, position]) => [Number(partition), position])),
  );
const vectors = fc
  .record(
    { 'memory.commands': positions, 'graph.commands': positions },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((record): PositionVector => ({ generation: 3, positions: record }));

function full(partitions: number): PositionVector {
  const all = Object.fromEntries(
    Array.from({ length: partitions }, (_, partition) => [partition, LARGEST - partition]),
  );
  return { generation: 3, positions: { 'memory.commands': all, 'graph.commands': all } };
}

describe('a consistency token', () => {
  test('gives back the vector it was made of', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(decodeConsistencyToken(encodeConsistencyToken(vector, binding), binding)).toEqual({
          ok: true,
          vector,
        });
      }),
    );
  });

  test.each([24, 64])(
    'takes at most 1 KiB with two topics of %d partitions at the largest positions',
    (partitions) => {
      const token = encodeConsistencyToken(full(partitions), binding);
      expect(token.length).toBeLessThanOrEqual(1024);
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeConsistencyToken(token, binding)).toEqual({ ok: true, vector: full(partitions) });
    },
  );

  test('of one write is short', () => {
    const token = encodeConsistencyToken(
      { generation: 3, positions: { 'memory.commands': { 5: 12_345 } } },
      binding,
    );
    expect(token.length).toBeLessThan(40);
  });

  const token = encodeConsistencyToken(full(4), binding);
  test.each([
    ['another namespace', token, { ...binding, namespace: 'other' }],
    ['another installation', token, { ...binding, installation: { ...installation, id: 'another' } }],
    ['another secret', token, { ...binding, installation: { ...installation, secret: Buffer.alloc(32, 8) } }],
    ['a raised log generation', token, { ...binding, installation: { ...installation, generation: 4 } }],
    ['nothing', '', binding],
    ['no base64url', `${token}=`, binding],
    ['a longer one', `${token}AAAA`, binding],
    ['an endless one', 'A'.repeat(100_000), binding],
  ])('is refused: %s', (_, refused, under) => {
    expect(decodeConsistencyToken(refused, under)).toEqual({ ok: false });
  });

  test('is refused with any character changed', () => {
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom('A', 'Z', 'b', 'y', '0', '8', '_', '-'),
        (at, character) => {
          fc.pre(token[at] !== character);
          expect(
            decodeConsistencyToken(token.slice(0, at) + character + token.slice(at + 1), binding),
          ).toEqual({ ok: false });
        },
      ),
    );
  });

  test('does not hold what no position can be', () => {
    const vector = { generation: 3, positions: { 'memory.commands': { 0: LARGEST + 1 } } };
    expect(() => encodeConsistencyToken(vector, binding)).toThrow(RangeError);
    const partition = { generation: 3, positions: { 'memory.commands': { 2040: 1 } } };
    expect(() => encodeConsistencyToken(partition, binding)).toThrow(RangeError);
  });
});

describe('merging positions', () => {
  test('takes the larger of each partition', () => {
    const a: PositionVector = { generation: 1, positions: { 'memory.commands': { 0: 5, 1: 9 } } };
    const b: PositionVector = {
      generation: 1,
      positions: { 'memory.commands': { 0: 7, 2: 0 }, 'graph.commands': { 4: 1 } },
    };
    const merged = {
      generation: 1,
      positions: { 'memory.commands': { 0: 7, 1: 9, 2: 0 }, 'graph.commands': { 4: 1 } },
    };
    expect(mergePositions(a, b)).toEqual(merged);
  });

  test('keeps the newer generation alone', () => {
    const old: PositionVector = { generation: 1, positions: { 'memory.commands': { 0: 500 } } };
    const raised: PositionVector = { generation: 2, positions: { 'memory.commands': { 0: 1 } } };
    expect(mergePositions(old, raised)).toBe(raised);
    expect(mergePositions(raised, old)).toBe(raised);
  });

  test('is the same whichever comes first, and changes nothing when repeated', () => {
    fc.assert(
      fc.property(vectors, vectors, (a, b) => {
        expect(mergePositions(a, b)).toEqual(mergePositions(b, a));
        expect(mergePositions(mergePositions(a, b), b)).toEqual(mergePositions(a, b));
      }),
    );
  });
});
