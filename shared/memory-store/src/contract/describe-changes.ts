import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChangesPlace } from '../changes.js';
import { batchOf, deleteCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const BEGINNING: ChangesPlace = { revisions: {}, at: Number.MAX_SAFE_INTEGER };

export function describeChanges(create: () => Promise<OpenedMemoryStore>): void {
  describe('changes', () => {
    let opened: OpenedMemoryStore;
    let next: number[];
    beforeEach(async () => {
      opened = await create();
      next = [0, 0];
    });
    afterEach(() => opened.close());

    const apply = async (partition: 0 | 1, ...commands: Parameters<typeof batchOf>[2]) => {
      const owner = await opened.ledger.claim('writer', 'memory.commands', partition);
      const first = next[partition] ?? 0;
      next[partition] = first + commands.length;
      await opened.store.apply(batchOf(owner, first, commands, { partition }));
    };
    const page = (after: ChangesPlace, limit = 100) =>
      opened.store.changes.page({ namespace: 'team', after, limit });
    const keysOf = async (after: ChangesPlace, limit = 100) =>
      (await page(after, limit)).changes.map(({ state }) => (state.deleted ? `-${state.key}` : state.key));

    test('come in the order of their making, deletions among them, of the namespace alone', async () => {
      await apply(0, storeCommand('a'), storeCommand('b'), storeCommand('x', { namespace: 'other' }));
      await apply(0, storeCommand('a'), deleteCommand('b'));
      expect(await keysOf(BEGINNING)).toEqual(['a', 'b', 'a', '-b']);
      const { changes, isLast } = await page(BEGINNING);
      expect(isLast).toBe(true);
      expect(changes[2]).toMatchObject({ state: { key: 'a', version: 2 }, partition: 0 });
      expect(changes[2]?.at).toBeGreaterThan(Date.UTC(2020, 0));
    });

    test('each comes once over pages of any size, whatever partition it is of', async () => {
      await apply(0, storeCommand('a'), storeCommand('b'));
      await apply(1, storeCommand('c'), storeCommand('d'));
      await apply(0, storeCommand('e'));
      for (const limit of [1, 2, 3, 5]) {
        const seen: string[] = [];
        let place = BEGINNING;
        for (;;) {
          const { changes, next: on, isLast } = await page(place, limit);
          seen.push(...changes.map(({ state }) => state.key));
          place = on;
          if (isLast) break;
        }
        expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
        expect(await keysOf(place)).toEqual([]);
      }
    });

    test('behind now there is nothing, until something changes', async () => {
      await apply(0, storeCommand('a'));
      await apply(1, storeCommand('b'));
      const now = await opened.store.changes.placeAt('team', null);
      expect(await keysOf(now)).toEqual([]);
      await apply(1, storeCommand('c'));
      expect(await keysOf(now)).toEqual(['c']);
    });

    test('from a time on there is what changed then and later', async () => {
      await apply(0, storeCommand('a'));
      const { next: there, changes } = await page(BEGINNING);
      const middle = (changes[0]?.at ?? 0) + 1;
      for (let at = there.at; at < middle; at = (await page(there)).next.at);
      await apply(0, storeCommand('b'));
      expect(await keysOf(await opened.store.changes.placeAt('team', middle))).toEqual(['b']);
      expect(await keysOf(await opened.store.changes.placeAt('team', changes[0]?.at ?? 0))).toEqual([
        'a',
        'b',
      ]);
      expect(await keysOf(await opened.store.changes.placeAt('team', middle + 3_600_000))).toEqual([]);
    });

    test('a deletion tells what was deleted, all else only what it became', async () => {
      await apply(0, storeCommand('a', { user_id: 'ada' }), storeCommand('a', { user_id: 'bob' }));
      await apply(0, deleteCommand('a'), storeCommand('a'));
      const { changes } = await page(BEGINNING);
      expect(changes.map(({ before }) => (before?.deleted === false ? before.user_id : null))).toEqual([
        null,
        null,
        'bob',
        null,
      ]);
    });

    test('a place that is older than the history reaches is refused', async () => {
      await apply(0, storeCommand('a'));
      await expect(page({ revisions: {}, at: -1 })).rejects.toMatchObject({ code: 'cursor_expired' });
      await expect(opened.store.changes.placeAt('team', -1)).rejects.toMatchObject({
        code: 'cursor_expired',
      });
    });
  });
}
