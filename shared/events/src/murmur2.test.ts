import { describe, expect, test } from '@jest/globals';
import { murmur2, partitionOf } from './murmur2.js';
import { readGolden } from './fixtures/golden.js';

const { rows } = readGolden('partitions.json') as {
  rows: [key: string, hash: number, of24: number, of7: number][];
};

describe('murmur2', () => {
  test.each(rows)('hashes %j as Java does', (key, hash) => {
    expect(murmur2(Buffer.from(key, 'utf8'))).toBe(hash);
  });

  test('reads a view into a larger buffer from its own start', () => {
    expect(murmur2(Buffer.from('..foobar').subarray(2))).toBe(-790332482);
  });
});

test('partitionOf sends every key where Java producers send it', () => {
  expect(rows).toHaveLength(200);
  for (const [key, , of24, of7] of rows) {
    expect([key, partitionOf(key, 24), partitionOf(key, 7)]).toEqual([key, of24, of7]);
  }
});
