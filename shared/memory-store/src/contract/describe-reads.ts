import { EVERYTHING, revisionOf, type Filter } from '@soma/memory';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batchOf, deleteCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

export function describeReads(create: () => Promise<OpenedMemoryStore>): void {
  describe('reads', () => {
    let opened: OpenedMemoryStore;
    beforeEach(async () => {
      opened = await create();
    });
    afterEach(() => opened.close());
    const claim = (partition = 0) => opened.ledger.claim('writer', 'memory.commands', partition);
    async function put(...commands: Parameters<typeof batchOf>[2]) {
      const owner = await claim();
      const first = owner.position + 1;
      await opened.store.apply(batchOf(owner, first, commands));
      return { owner, first };
    }

    test('get answers by position, undefined where there is nothing', async () => {
      await put(storeCommand('a'), storeCommand('b'));
      const memories = await opened.store.get('team', ['b', 'nothing', 'a', 'b']);
      expect(memories.map((memory) => memory?.coord)).toEqual(['b', undefined, 'a', 'b']);
      expect(await opened.store.get('team', [])).toEqual([]);
    });

    test('a memory is gone the moment it expires by the clock of the store', async () => {
      const { store } = opened;
      await put(storeCommand('m', { ttl_seconds: 1 }), storeCommand('past', { expires_at: 1000 }));
      expect(await store.get('team', ['m', 'past'])).toMatchObject([{ coord: 'm' }, undefined]);
      for (;;) {
        const { states, now } = await store.states('team', ['m']);
        const [memory] = await store.get('team', ['m']);
        const expiresAt = states[0]?.deleted === false ? (states[0].expires_at ?? Infinity) : 0;
        if (memory === undefined) {
          // get was asked after states: its clock is later.
          expect((await store.states('team', ['m'])).now).toBeGreaterThanOrEqual(expiresAt);
          break;
        }
        expect(now).toBeLessThan(expiresAt);
      }
      expect(await store.totals()).toMatchObject({ total: 0 });
      const [again] = await store.apply(batchOf(await claim(), 2, [storeCommand('m')]));
      expect(again?.operation).toMatchObject({ created: true, version: 2 });
    });

    test('states has every state and the clock, also when there is none', async () => {
      await put(storeCommand('a'), storeCommand('b'), deleteCommand('b'));
      const { states, now } = await opened.store.states('team', ['b', 'nothing', 'a']);
      expect(states.map((state) => state?.deleted)).toEqual([true, undefined, false]);
      const nothing = await opened.store.states('nowhere', ['a']);
      expect(nothing.states).toEqual([undefined]);
      expect(nothing.now).toBeGreaterThanOrEqual(now);
    });

    test('changedSince pages through one partition by revision, tombstones among it', async () => {
      const { store } = opened;
      const { owner } = await put(
        storeCommand('a'),
        storeCommand('b'),
        storeCommand('c'),
        deleteCommand('a'),
      );
      const other = await claim(1);
      await store.apply(batchOf(other, 0, [storeCommand('z')], { partition: 1 }));
      const at = (position: number) => revisionOf(owner.generation, position);
      const page = async (after: number, changes = {}) =>
        (await store.changedSince({ partition: 0, after, limit: 10, ...changes })).map(({ key, deleted }) => [
          key,
          deleted,
        ]);
      expect(await page(-1)).toEqual([
        ['b', false],
        ['c', false],
        ['a', true],
      ]);
      expect(await page(at(1))).toEqual([
        ['c', false],
        ['a', true],
      ]);
      expect(await page(-1, { upTo: at(2) })).toEqual([
        ['b', false],
        ['c', false],
      ]);
      expect(await page(-1, { limit: 1 })).toEqual([['b', false]]);
    });

    describe('keyword search', () => {
      const search = (text: string, filter: Filter = EVERYTHING, limit = 10) =>
        opened.store.keywordSearch({ namespace: 'team', text, filter, limit });

      beforeEach(async () => {
        await put(
          storeCommand('cat', { text: 'The cats were sleeping on the warm roof' }),
          storeCommand('dog', {
            text: 'A dog barked at a cat, and the cat at it: cat, cat, cat!',
            user_id: 'u',
          }),
          storeCommand('tax', { text: 'Invoices of the tax office' }),
          storeCommand('gone', { text: 'a sleeping cat, deleted' }),
          storeCommand('old', { text: 'a sleeping cat, expired', expires_at: 1000 }),
          storeCommand('theirs', { text: 'a sleeping cat', namespace: 'other' }),
          deleteCommand('gone'),
        );
      });

      test('finds what has any of the words of a question; more of them are better than often the same', async () => {
        const hits = await search('Where does my cat sleep?');
        expect(hits.map(({ key }) => key)).toEqual(['cat', 'dog']);
        expect(hits[0]?.score).toBeGreaterThan(hits[1]?.score ?? Infinity);
      });

      test('takes the filter and the limit', async () => {
        const mine: Filter = { op: 'eq', field: { attribute: 'user_id' }, value: 'u' };
        expect((await search('cat sleep', mine)).map(({ key }) => key)).toEqual(['dog']);
        expect(await search('cat sleep', EVERYTHING, 1)).toHaveLength(1);
      });

      test.each(['', 'of the and', `'`, `\\`, `a' | b:* & !c <-> \\`, '\0', '(((', '?', 'x'.repeat(3000)])(
        'survives %j',
        async (text) => {
          expect(await search(text)).toEqual([]);
        },
      );
    });

    test('totals count what is live, by type, over all namespaces', async () => {
      await put(
        storeCommand('a'),
        storeCommand('b', { memory_type: 'semantic' }),
        storeCommand('c', { namespace: 'other' }),
        storeCommand('d', { namespace: 'empty' }),
        deleteCommand('d', { namespace: 'empty' }),
        storeCommand('e', { expires_at: 1000 }),
      );
      const totals = { total: 3, by_type: { episodic: 2, semantic: 1 }, namespaces: 2 };
      expect(await opened.store.totals()).toEqual(totals);
    });

    test('answers a ping', async () => {
      await expect(opened.store.ping()).resolves.toBeUndefined();
    });
  });
}
