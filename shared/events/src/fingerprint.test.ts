import { expect, test } from '@jest/globals';
import { fingerprintOf } from './fingerprint.js';

test('a fingerprint is 32 hex digits and the same for the same record', () => {
  const record = { key: 'default/42', value: Buffer.from('abc') };
  expect(fingerprintOf(record)).toMatch(/^[0-9a-f]{32}$/);
  expect(fingerprintOf({ key: 'default/42', value: Buffer.from('abc') })).toBe(fingerprintOf(record));
});

test('records that differ have different fingerprints, also by null or by where the key ends', () => {
  const records = [
    { key: 'ab', value: Buffer.from('c') },
    { key: 'a', value: Buffer.from('bc') },
    { key: '', value: Buffer.from('abc') },
    { key: null, value: Buffer.from('abc') },
    { key: 'abc', value: Buffer.alloc(0) },
    { key: 'abc', value: null },
  ];
  expect(new Set(records.map(fingerprintOf)).size).toBe(records.length);
});

test('fingerprints in the ledger stay valid', () => {
  expect(fingerprintOf({ key: 'default/42,17', value: Buffer.of(0, 0, 0, 0, 1) })).toBe(
    'e5f74249d97d4220ee2828de1366bc19',
  );
});
