import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { idempotencyLocks } from './operations.js';

const ids = fc.uniqueArray(fc.uuid({ version: 5 }), { maxLength: 20 });

test('locks of idempotency ids come in one order, whatever the order and case of the ids', () => {
  fc.assert(
    fc.property(ids, (sorted) => {
      const shouted = sorted.map((id) => id.toUpperCase()).reverse();
      expect(idempotencyLocks(shouted)).toEqual(idempotencyLocks(sorted));
    }),
  );
});

test('ids that no idempotency key makes take no lock', () => {
  fc.assert(
    fc.property(fc.array(fc.uuid({ version: [1, 4, 7] })), (others) => {
      expect(idempotencyLocks([...others, 'no uuid'])).toEqual([]);
    }),
  );
});
