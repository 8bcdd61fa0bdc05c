import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LIST_DIRECTIONS, LIST_ORDERS, matches, type Filter, type Memory } from '@soma/memory';
import { arbitraryContent, arbitraryFilter } from '@soma/memory/contract';
import fc from 'fast-check';
import { batchOf, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const CASES = 1_000;
const MEMORIES = 150;
/** A word that every memory has, so that one search can find them all. */
const EVERYWHERE = 'everywhere';

export function describeFilters(create: () => Promise<OpenedMemoryStore>): void {
  describe('filters', () => {
    let opened: OpenedMemoryStore;
    const memories: Memory[] = [];
    beforeAll(async () => {
      opened = await create();
      const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
      const contents = fc.sample(arbitraryContent, { numRuns: MEMORIES, seed: 1 });
      const commands = contents.map((content, n) =>
        storeCommand(n === 0 ? '42.0,17' : `m${n}`, { ...content, text: EVERYWHERE }),
      );
      for (const { state } of await opened.store.apply(batchOf(owner, 0, commands))) {
        if (state?.deleted === false) memories.push(state);
      }
    });
    afterAll(() => opened.close());

    const listed = async (filter: Filter, order: (typeof LIST_ORDERS)[number], way: 'asc' | 'desc') => {
      const bounds = { since: null, until: null, after: null, limit: MEMORIES };
      const query = { namespace: 'team', filter, order, direction: way, ...bounds };
      return (await opened.store.listing.list(query)).keys;
    };
    const found = async (filter: Filter) => {
      const query = { namespace: 'team', text: EVERYWHERE, filter, limit: MEMORIES };
      return (await opened.store.keywordSearch(query)).map(({ key }) => key);
    };

    test(`lists, counts and keyword searches find exactly what matches: ${CASES} filters`, async () => {
      expect(memories).toHaveLength(MEMORIES);
      const ways = fc.tuple(fc.constantFrom(...LIST_ORDERS), fc.constantFrom(...LIST_DIRECTIONS));
      await fc.assert(
        fc.asyncProperty(arbitraryFilter, ways, async (filter, [order, direction]) => {
          const expected = memories.filter((memory) => matches(filter, memory)).map(({ key }) => key);
          expect((await listed(filter, order, direction)).toSorted()).toEqual(expected.toSorted());
          expect(await opened.store.listing.count('team', filter)).toBe(expected.length);
          expect((await found(filter)).toSorted()).toEqual(expected.toSorted());
        }),
        { numRuns: CASES },
      );
    }, 120_000);
  });
}
