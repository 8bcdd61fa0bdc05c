import { deleteCommand, storeCommand } from '@soma/memory-store/contract';
import type { LinkMemories } from '@soma/memory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GraphFixture, linkCommand, type OpenedGraphStore } from './fixtures.js';

export function describePaths(create: () => Promise<OpenedGraphStore>): void {
  describe('a path', () => {
    let opened: OpenedGraphStore;
    let fixture: GraphFixture;
    beforeEach(async () => {
      opened = await create();
      fixture = new GraphFixture(opened);
    });
    afterEach(() => opened.close());

    async function path(
      from_key: string,
      to_key: string,
      max_depth = 6,
      link_type: string | null = null,
      user_id: string | null = null,
    ) {
      const found = await opened.graph.path({
        namespace: 'team',
        user_id,
        from_key,
        to_key,
        link_type,
        max_depth,
      });
      return (
        found && [
          found.nodes.map(({ memory, depth }) => `${memory.coord}${depth}`).join(' '),
          found.links.length,
          found.cost,
        ]
      );
    }

    /** The direct link is dear; the detour by c is cheapest, the one by b between. */
    async function detours() {
      await fixture.write(...['a', 'b', 'c', 'd', 'z'].map((coord) => storeCommand(coord)));
      await fixture.link(
        linkCommand('a', 'z', { weight: 0.1 }),
        linkCommand('a', 'b', { weight: 0.5 }),
        linkCommand('b', 'z', { weight: 0.5 }),
        linkCommand('a', 'c', { weight: 4, link_type: 'other' }),
        linkCommand('c', 'd', { weight: 4, link_type: 'other' }),
        linkCommand('d', 'z', { weight: 4 }),
        linkCommand('d', 'a', { weight: 100 }),
      );
    }

    test('of one user leads over nothing of another', async () => {
      const ann = { user_id: 'ann' };
      await fixture.write(
        storeCommand('a', ann),
        storeCommand('b', { user_id: 'bob' }),
        storeCommand('c', ann),
        storeCommand('d', ann),
      );
      await fixture.link(
        linkCommand('a', 'b'),
        linkCommand('b', 'd'),
        linkCommand('a', 'c', { weight: 0.1 }),
        linkCommand('c', 'd', { weight: 0.1 }),
      );
      expect(await path('a', 'd')).toEqual(['a0 b1 d2', 2, 2]);
      expect(await path('a', 'd', 6, null, 'ann')).toEqual(['a0 c1 d2', 2, 20]);
      expect(await path('a', 'b', 6, null, 'ann')).toBeUndefined();
      expect(await path('b', 'd', 6, null, 'ann')).toBeUndefined();
    });

    test('is the cheapest by the sum of 1/weight', async () => {
      await detours();
      expect(await path('a', 'z')).toEqual(['a0 c1 d2 z3', 3, 0.75]);
    });

    test('has no more links than allowed, even when one with more is cheaper', async () => {
      await detours();
      expect(await path('a', 'z', 2)).toEqual(['a0 b1 z2', 2, 4]);
      expect(await path('a', 'z', 1)).toEqual(['a0 z1', 1, 10]);
      expect(await path('c', 'b', 2)).toBeUndefined();
    });

    test('follows links in their direction, and of one type when asked', async () => {
      await detours();
      expect(await path('z', 'a')).toBeUndefined();
      expect(await path('a', 'z', 6, 'related')).toEqual(['a0 b1 z2', 2, 4]);
      expect(await path('a', 'z', 6, 'other')).toBeUndefined();
    });

    test('to itself costs nothing', async () => {
      await detours();
      expect(await path('a', 'a')).toEqual(['a0', 0, 0]);
    });

    test('goes through live memories only', async () => {
      await detours();
      await fixture.write(deleteCommand('d'));
      expect(await path('a', 'z')).toEqual(['a0 b1 z2', 2, 4]);
      await fixture.write(deleteCommand('z'));
      expect(await path('a', 'z')).toBeUndefined();
      expect(await path('nobody', 'nobody')).toBeUndefined();
    });

    test('stays in its namespace', async () => {
      await fixture.write(...['a', 'b'].map((coord) => storeCommand(coord)));
      await fixture.link(linkCommand('a', 'b', { namespace: 'other' }));
      expect(await path('a', 'b')).toBeUndefined();
    });
  });

  describe('any path', () => {
    let opened: OpenedGraphStore;
    beforeAll(async () => {
      opened = await create();
    });
    afterAll(() => opened.close());

    const nodes = ['a', 'b', 'c', 'd', 'e', 'f'];
    const edges = fc.array(
      fc.record({
        from: fc.constantFrom(...nodes),
        to: fc.constantFrom(...nodes),
        weight: fc.constantFrom(0.25, 0.5, 1, 2, 4),
      }),
      { maxLength: 16 },
    );

    test('costs what trying every way finds', async () => {
      const fixture = new GraphFixture(opened);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(edges, fc.integer({ min: 1, max: 5 }), async (drawn, max_depth) => {
          run += 1;
          const namespace = `run${run}`;
          await fixture.write(...nodes.map((coord) => storeCommand(coord, { namespace })));
          const commands = drawn.map(({ from, to, weight }) => linkCommand(from, to, { namespace, weight }));
          await fixture.link(...commands);
          const query = { namespace, user_id: null, from_key: 'a', to_key: 'f', link_type: null, max_depth };
          const found = await opened.graph.path(query);
          expect(found?.cost).toBe(cheapest(lastOfEach(commands), 'a', 'f', max_depth));
          if (found === undefined) return;
          expect(found.links.length).toBeLessThanOrEqual(max_depth);
          expect(found.links.map(({ from_key }) => from_key)).toEqual(
            found.nodes.slice(0, -1).map(({ memory }) => memory.key),
          );
          expect(found.links.reduce((sum, { weight }) => sum + 1 / weight, 0)).toBe(found.cost);
        }),
        { numRuns: 40 },
      );
    }, 60_000);
  });
}

/** Linking again replaces. */
function lastOfEach(links: LinkMemories[]): LinkMemories[] {
  return [...new Map(links.map((link) => [`${link.from_coord} ${link.to_coord}`, link])).values()];
}

function cheapest(links: LinkMemories[], from: string, to: string, depth: number): number | undefined {
  if (from === to) return 0;
  if (depth === 0) return undefined;
  const costs = links
    .filter((link) => link.from_coord === from)
    .map((link) => (cheapest(links, link.to_coord, to, depth - 1) ?? Infinity) + 1 / link.weight);
  const best = Math.min(...costs);
  return best === Infinity ? undefined : best;
}
