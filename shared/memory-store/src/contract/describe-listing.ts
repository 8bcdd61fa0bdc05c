import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EVERYTHING, LIST_ORDERS, type Filter, type ListPosition, type MemoryCommand } from '@soma/memory';
import type { ListQuery } from '../listing.js';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const BEGAN = 1_700_000_000_000;
const TAGGED: Filter = { op: 'eq', field: { attribute: 'tags' }, value: 't' };

export function describeListing(create: () => Promise<OpenedMemoryStore>): void {
  describe('listing', () => {
    let opened: OpenedMemoryStore;
    let next: Map<number, number>;
    beforeEach(async () => {
      opened = await create();
      next = new Map();
    });
    afterEach(() => opened.close());

    /** Each command in a batch of its own, so that each has a time of its own. */
    const write = async (...commands: MemoryCommand[]) => {
      for (const command of commands) await together([command]);
    };
    const together = async (commands: MemoryCommand[], partition = 0) => {
      const owner = await opened.ledger.claim('writer', 'memory.commands', partition);
      const first = next.get(partition) ?? 0;
      next.set(partition, first + commands.length);
      await opened.store.apply(batchOf(owner, first, commands, { partition }));
    };
    const page = (query: Partial<ListQuery> = {}) =>
      opened.store.listing.list({
        namespace: 'team',
        filter: EVERYTHING,
        order: 'created_at',
        direction: 'asc',
        since: null,
        until: null,
        after: null,
        limit: 2,
        ...query,
      });
    const rest = async (query: Partial<ListQuery>, after: ListPosition | null) => {
      const keys: string[] = [];
      for (let from = after; ;) {
        const { keys: found, next: following } = await page({ ...query, after: from });
        keys.push(...found);
        if (following === null) return keys;
        from = following;
      }
    };
    const all = (query: Partial<ListQuery> = {}) => rest(query, null);
    const count = (filter: Filter, namespace = 'team') => opened.store.listing.count(namespace, filter);

    describe('orders', () => {
      beforeEach(() =>
        write(
          storeCommand('b', { occurred_at: BEGAN + 2 }),
          storeCommand('d'),
          storeCommand('a', { occurred_at: BEGAN + 1 }),
          storeCommand('c'),
          patchCommand('d', { importance: 1 }),
        ),
      );

      test.each([
        ['created_at', ['b', 'd', 'a', 'c']],
        ['updated_at', ['b', 'a', 'c', 'd']],
        ['occurred_at', ['a', 'b', 'd', 'c']],
        ['coord', ['a', 'b', 'c', 'd']],
      ] as const)('by %s, either way, in pages of any size', async (order, expected) => {
        for (const limit of [1, 2, 3, 4, 5]) {
          expect(await all({ order, limit })).toEqual(expected);
          expect(await all({ order, limit, direction: 'desc' })).toEqual(expected.toReversed());
        }
      });

      test('since is inside and until outside of the time that orders', async () => {
        const occurred = { order: 'occurred_at' } as const;
        expect(await all({ ...occurred, since: BEGAN + 1, until: BEGAN + 2 })).toEqual(['a']);
        expect(await all({ ...occurred, until: BEGAN + 3, direction: 'desc' })).toEqual(['b', 'a']);
        const [, , memory] = await opened.store.get('team', ['b', 'd', 'a']);
        const since = memory?.created_at ?? 0;
        expect(await all({ order: 'coord', since })).toEqual(['a', 'c']);
        expect(await all({ since })).toEqual(['a', 'c']);
        expect(await all({ order: 'updated_at', since })).toEqual(['a', 'c', 'd']);
      });
    });

    test('memories of one time come by their keys', async () => {
      await together(['b', 'd', 'a', 'c'].map((coord) => storeCommand(coord)));
      for (const order of ['created_at', 'updated_at', 'occurred_at'] as const) {
        expect(await all({ order, limit: 1 })).toEqual(['a', 'b', 'c', 'd']);
        expect(await all({ order, limit: 3, direction: 'desc' })).toEqual(['d', 'c', 'b', 'a']);
      }
    });

    test('only live memories of the namespace are listed and counted', async () => {
      await write(
        storeCommand('here'),
        storeCommand('there', { namespace: 'other' }),
        storeCommand('gone'),
        storeCommand('past', { expires_at: 1000 }),
        deleteCommand('gone'),
      );
      for (const order of LIST_ORDERS) expect(await all({ order })).toEqual(['here']);
      expect(await count(EVERYTHING)).toBe(1);
      expect(await count(EVERYTHING, 'other')).toBe(1);
      expect(await count(EVERYTHING, 'nowhere')).toBe(0);
    });

    test('a filter narrows lists and counts, however far apart what passes is', async () => {
      const many = Array.from({ length: 60 }, (_, n) =>
        storeCommand(`m${String(n).padStart(2, '0')}`, {
          tags: n % 20 === 7 ? ['t'] : [],
          user_id: `u${n % 3}`,
        }),
      );
      await together(many);
      for (const order of LIST_ORDERS) {
        expect(await all({ order, filter: TAGGED, limit: 1 })).toEqual(['m07', 'm27', 'm47']);
      }
      const mine: Filter = { op: 'eq', field: { attribute: 'user_id' }, value: 'u1' };
      expect(await all({ filter: { op: 'and', clauses: [mine, TAGGED] } })).toEqual(['m07']);
      expect(await all({ filter: { op: 'not', clause: mine }, limit: 50 })).toHaveLength(40);
      expect([await count(TAGGED), await count(mine)]).toEqual([3, 20]);
    });

    describe('while others write', () => {
      beforeEach(() =>
        write(...['a', 'b', 'c', 'd', 'e', 'f'].map((coord) => storeCommand(coord, { tags: ['t'] }))),
      );

      test.each(LIST_ORDERS)(
        '%s, either way: what changes keeps its place, and comes as it is',
        async (order) => {
          for (const direction of ['asc', 'desc'] as const) {
            const query = { order, direction, filter: TAGGED };
            const first = await page(query);
            const changed = ['a', 'd', 'f'].map((coord) =>
              patchCommand(coord, { occurred_at: Date.now() + 60_000 }),
            );
            await together(changed);
            await write(patchCommand('d', { occurred_at: 5 }), patchCommand('b', { tags: [] }));
            const seen = [...first.keys, ...(await rest(query, first.next))];
            const expected = ['a', 'b', 'c', 'd', 'e', 'f'].filter(
              (key) => key !== 'b' || first.keys.includes('b'),
            );
            if (order === 'occurred_at' || order === 'updated_at') expect(seen.toSorted()).toEqual(expected);
            else expect(seen).toEqual(direction === 'asc' ? expected : expected.toReversed());
            await write(patchCommand('b', { tags: ['t'] }));
          }
        },
      );

      test.each(LIST_ORDERS)(
        '%s: what is deleted is left out, and made again not given twice',
        async (order) => {
          for (const direction of ['asc', 'desc'] as const) {
            const query = { order, direction };
            const first = await page(query);
            const [given = ''] = first.keys;
            const to = ['a', 'b', 'c', 'd', 'e', 'f'].find((key) => !first.keys.includes(key)) ?? '';
            await together([deleteCommand(given), storeCommand(given), deleteCommand(to)]);
            const seen = [...first.keys, ...(await rest(query, first.next))];
            expect(new Set(seen).size).toBe(seen.length);
            expect(seen).not.toContain(to);
            expect(seen).toHaveLength(5);
            await write(storeCommand(to));
          }
        },
      );

      test.each(LIST_ORDERS)(
        '%s: a list ends although something is written between all of its pages',
        async (order) => {
          const seen: string[] = [];
          let from: ListPosition | null = null;
          let round = 0;
          do {
            const found: Awaited<ReturnType<typeof page>> = await page({ order, after: from, limit: 1 });
            seen.push(...found.keys);
            from = found.next;
            round += 1;
            await write(
              patchCommand('a', { importance: 0.1 }),
              storeCommand(`new${round}`),
              storeCommand(`0new${round}`),
            );
            await together([storeCommand(`z${round}`, { occurred_at: 1 })], 1 + (round % 3));
          } while (from !== null && round < 100);
          const old = seen.filter((key) => key.length === 1);
          expect(old.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
          expect(new Set(seen).size).toBe(seen.length);
        },
      );

      test('a list whose past is gone from the history is refused, and begins again', async () => {
        const query = { order: 'updated_at', direction: 'desc' } as const;
        const first = await page(query);
        await write(patchCommand('a', { importance: 0.1 }));
        await opened.forgetHistory('team', 'a');
        await expect(page({ ...query, after: first.next })).rejects.toMatchObject({ code: 'cursor_expired' });
        expect(await all(query)).toEqual(['a', 'f', 'e', 'd', 'c', 'b']);
        const byCreation = await page();
        await write(patchCommand('c', { importance: 0.1 }));
        await opened.forgetHistory('team', 'c');
        expect(await rest({}, byCreation.next)).toEqual(['c', 'd', 'e', 'f']);
      });
    });
  });
}
