import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryHead, MemoryId } from '../heads.js';
import { batchOf, deleteCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

export function describeHeads(create: () => Promise<OpenedMemoryStore>): void {
  describe('heads', () => {
    let opened: OpenedMemoryStore;
    beforeEach(async () => {
      opened = await create();
      const { store, ledger } = opened;
      const owner = await ledger.claim('writer', 'memory.commands', 0);
      const commands = [
        storeCommand('b'),
        storeCommand('1.0'),
        storeCommand('gone'),
        deleteCommand('gone'),
        storeCommand('a', { namespace: 'other' }),
        storeCommand('expired', { expires_at: 1000 }),
      ];
      await store.apply(batchOf(owner, 0, commands));
      const beside = await ledger.claim('writer', 'memory.commands', 3);
      await store.apply(batchOf(beside, 0, [storeCommand('far')], { partition: 3 }));
    });
    afterEach(() => opened.close());

    async function scanned(limit: number, namespace: string | null): Promise<MemoryHead[]> {
      const all: MemoryHead[] = [];
      for (let after: MemoryId | null = null; ;) {
        const page: MemoryHead[] = await opened.store.heads.scan({ after, limit, namespace });
        all.push(...page);
        if (page.length < limit) return all;
        const last = page.at(-1);
        after = last === undefined ? null : { namespace: last.namespace, key: last.key };
      }
    }
    const names = (heads: MemoryHead[]) => heads.map(({ namespace, key }) => `${namespace}/${key}`);

    test.each([1, 2, 100])('a scan in pages of %d has each memory and tombstone once', async (limit) => {
      const heads = await scanned(limit, null);
      const everything = ['other/a', 'team/1', 'team/b', 'team/expired', 'team/far', 'team/gone'];
      expect(names(heads)).toEqual(everything);
      expect(heads.map(({ coord }) => coord)).toEqual(['a', '1.0', 'b', 'expired', 'far', 'gone']);
      expect(heads.map(({ partition }) => partition)).toEqual([0, 0, 0, 0, 3, 0]);
      expect(heads.map(({ deleted }) => deleted)).toEqual([false, false, false, false, false, true]);
      const { states } = await opened.store.states('team', ['1', 'b', 'expired', 'far', 'gone']);
      expect(heads.slice(1).map(({ revision }) => revision)).toEqual(states.map((state) => state?.revision));
      expect(names(await scanned(limit, 'other'))).toEqual(['other/a']);
      expect(await scanned(limit, 'nowhere')).toEqual([]);
    });

    test('a sample has as many as asked, of the namespace asked, each once', async () => {
      const { heads } = opened.store;
      const some = names(await heads.sample({ size: 3, namespace: 'team' }));
      expect(new Set(some).size).toBe(3);
      expect(names(await scanned(10, 'team'))).toEqual(expect.arrayContaining(some));
      const all = await heads.sample({ size: 100, namespace: null });
      expect(names(all).sort()).toEqual(names(await scanned(100, null)));
    });

    test('are found by id, in the order of the ids', async () => {
      const ids = [
        { namespace: 'team', key: 'gone' },
        { namespace: 'other', key: 'b' },
        { namespace: 'other', key: 'a' },
      ];
      const found = await opened.store.heads.of(ids);
      expect(found.map((head) => head?.deleted)).toEqual([true, undefined, false]);
      expect(await opened.store.heads.of([])).toEqual([]);
    });

    test('are counted, tombstones too', async () => {
      expect(await opened.store.heads.count(null)).toBe(6);
      expect(await opened.store.heads.count('other')).toBe(1);
    });
  });
}
