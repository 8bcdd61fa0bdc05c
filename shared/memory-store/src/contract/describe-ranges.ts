import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EVERYTHING, parseCoordinate, type MemoryCommand } from '@soma/memory';
import fc from 'fast-check';
import type { RangeQuery } from '../listing.js';
import { batchOf, deleteCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

export function describeRanges(create: () => Promise<OpenedMemoryStore>): void {
  describe('ranges and namespaces', () => {
    let opened: OpenedMemoryStore;
    let next = 0;
    beforeEach(async () => {
      opened = await create();
      next = 0;
    });
    afterEach(() => opened.close());

    const write = async (...commands: MemoryCommand[]) => {
      const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
      await opened.store.apply(batchOf(owner, next, commands));
      next += commands.length;
    };
    const store = (...coords: string[]) => write(...coords.map((coord) => storeCommand(coord)));
    const page = (min: string, max: string, changes: Partial<RangeQuery> = {}) => {
      const box = { min: min.split(','), max: max.split(',') };
      return opened.store.listing.range({
        namespace: 'team',
        filter: EVERYTHING,
        ...box,
        after: null,
        limit: 100,
        ...changes,
      });
    };
    const inside = async (min: string, max: string, changes: Partial<RangeQuery> = {}) =>
      (await page(min, max, changes)).keys;

    test('a box holds what is inside in every dimension, its edges too, in the order of the numbers', async () => {
      await store('0,0', '10,10', '5,5', '5,-1', '11,5', '-0.5,5', '9.999,10', '10,10.001', '2,3', '10,9');
      expect(await inside('0,0', '10,10')).toEqual(['0,0', '2,3', '5,5', '9.999,10', '10,9', '10,10']);
      expect(await inside('5,5', '5,5')).toEqual(['5,5']);
      expect(await inside('-1,-1', '-0.1,6')).toEqual(['-0.5,5']);
      expect(await inside('3,3', '4,4')).toEqual([]);
    });

    test('numbers compare as decimals, however small or near', async () => {
      const tiny = `0.${'0'.repeat(400)}`;
      await store('100', '20', '3', `${tiny}1`, `${tiny}2`, '0.1', '0.100000000000001', '-999999999999999');
      expect(await inside('3', '100')).toEqual(['3', '20', '100']);
      expect(await inside(`${tiny}15`, '0.1')).toEqual([`${tiny}2`, '0.1']);
      expect(await inside('-1000000000000000', '0')).toEqual(['-999999999999999']);
    });

    test('only coords of the same dimension are inside, and no name that looks like a number', async () => {
      await store('5', '5,5', '5,5,5', '1e3', '007', '+5', '1234567890123456', '1.00000000000000001', 'five');
      expect(await inside('-999', '999999999999999999')).toEqual(['5']);
      expect(await inside('0,0', '9,9')).toEqual(['5,5']);
      const wide = Array.from({ length: 64 }, () => '1').join(',');
      await store(wide);
      expect(await inside(wide, wide)).toEqual([wide]);
    });

    test('only live memories of the namespace are inside', async () => {
      await store('1', '2', '3');
      await write(
        deleteCommand('1'),
        storeCommand('2', { expires_at: 1000 }),
        storeCommand('4', { namespace: 'other' }),
      );
      expect(await inside('0', '9')).toEqual(['3']);
      expect(await inside('0', '9', { namespace: 'other' })).toEqual(['4']);
    });

    test('pages and filters come as in lists', async () => {
      const grid = Array.from({ length: 36 }, (_, n) => `${n % 6},${Math.floor(n / 6)}`);
      await write(...grid.map((coord, n) => storeCommand(coord, { tags: n % 5 === 0 ? ['t'] : [] })));
      const whole = await inside('1,1', '4,4');
      expect(whole).toHaveLength(16);
      for (const limit of [1, 5, 16]) {
        const found: string[] = [];
        let after: string | null = null;
        do {
          const one: Awaited<ReturnType<typeof page>> = await page('1,1', '4,4', { after, limit });
          found.push(...one.keys);
          after = one.next;
        } while (after !== null);
        expect(found).toEqual(whole);
      }
      const filter = { op: 'eq', field: { attribute: 'tags' }, value: 't' } as const;
      expect(await inside('0,0', '5,5', { filter })).toHaveLength(8);
    });

    test('the store knows numbers from names as parseCoordinate does', async () => {
      const digits = fc.stringMatching(/^[0-9.]{1,18}$/);
      const part = fc
        .tuple(fc.constantFrom('', '-', '+'), fc.oneof(digits, fc.constantFrom('0', '10', '1.5', '0.1')))
        .map((at) => at.join(''));
      const coords = fc
        .sample(fc.array(part, { minLength: 1, maxLength: 3 }), { numRuns: 2_000, seed: 5 })
        .map((parts) => parts.join(','))
        .filter((coord) => parseCoordinate(coord) !== undefined);
      await store(...coords);
      const numeric = new Set(
        coords.flatMap((coord) => {
          const coordinate = parseCoordinate(coord);
          return coordinate?.kind === 'numeric' ? [coordinate.key] : [];
        }),
      );
      expect(numeric.size).toBeGreaterThan(100);
      const huge = '9'.repeat(30);
      const found: string[] = [];
      for (const size of [1, 2, 3]) {
        const edge = Array.from({ length: size }, () => huge);
        found.push(
          ...(await inside(edge.map((one) => `-${one}`).join(','), edge.join(','), { limit: 1000 })),
        );
      }
      expect(found.toSorted()).toEqual([...numeric].toSorted());
    });

    test('namespaces are those that hold something, and those asked for, page by page', async () => {
      await write(
        storeCommand('m', { namespace: 'b' }),
        storeCommand('n', { namespace: 'b', memory_type: 'semantic' }),
        storeCommand('m', { namespace: 'd', memory_type: 'semantic' }),
        storeCommand('m', { namespace: 'a' }),
        storeCommand('m', { namespace: 'gone' }),
        deleteCommand('m', { namespace: 'gone' }),
      );
      const names = (after: string | null, limit = 10, always = ['c']) =>
        opened.store.listing.namespaces({ always, after, limit });
      expect(await names(null)).toEqual(['a', 'b', 'c', 'd']);
      expect(await names(null, 10, ['a'])).toEqual(['a', 'b', 'd']);
      expect(await names(null, 2)).toEqual(['a', 'b']);
      expect(await names('b', 2)).toEqual(['c', 'd']);
      expect(await names('d', 2)).toEqual([]);
    });
  });
}
