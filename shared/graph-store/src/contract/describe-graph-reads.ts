import { deleteCommand, storeCommand } from '@soma/memory-store/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NeighborsQuery } from '../port.js';
import { GraphFixture, linkCommand, type OpenedGraphStore } from './fixtures.js';

export function describeGraphReads(create: () => Promise<OpenedGraphStore>): void {
  describe('neighbors', () => {
    let opened: OpenedGraphStore;
    let fixture: GraphFixture;
    beforeEach(async () => {
      opened = await create();
      fixture = new GraphFixture(opened);
    });
    afterEach(() => opened.close());

    async function around(key: string, changes: Partial<NeighborsQuery> = {}) {
      const query = {
        namespace: 'team',
        user_id: null,
        key,
        link_type: null,
        direction: 'out',
        depth: 1,
        limit: 100,
        ...changes,
      } as const;
      const { nodes, links } = await opened.graph.neighbors(query);
      return {
        nodes: nodes.map(({ memory, depth }) => `${memory.coord}${depth}`).join(' '),
        links: links
          .map(({ from_key, to_key }) => `${from_key}${to_key}`)
          .sort()
          .join(' '),
      };
    }

    /** a → b → c → d → a, and a → e heavier than a → b. */
    async function ring() {
      await fixture.write(...['a', 'b', 'c', 'd', 'e'].map((coord) => storeCommand(coord)));
      await fixture.link(
        linkCommand('a', 'b', { weight: 1 }),
        linkCommand('b', 'c'),
        linkCommand('c', 'd', { link_type: 'other' }),
        linkCommand('d', 'a'),
        linkCommand('a', 'e', { weight: 5 }),
      );
    }

    test('are nearest first, then heaviest, each once, with the start first', async () => {
      await ring();
      expect(await around('a')).toEqual({ nodes: 'a0 e1 b1', links: 'ab ae' });
      expect(await around('a', { depth: 2 })).toEqual({ nodes: 'a0 e1 b1 c2', links: 'ab ae bc' });
      expect(await around('a', { depth: 4 })).toEqual({ nodes: 'a0 e1 b1 c2 d3', links: 'ab ae bc cd da' });
    });

    test('are found against the direction of links, and both ways', async () => {
      await ring();
      expect(await around('a', { direction: 'in' })).toEqual({ nodes: 'a0 d1', links: 'da' });
      expect(await around('a', { direction: 'both' })).toEqual({ nodes: 'a0 e1 b1 d1', links: 'ab ae da' });
      expect(await around('b', { direction: 'both', depth: 2 })).toEqual({
        nodes: 'b0 a1 c1 e2 d2',
        links: 'ab ae bc cd da',
      });
    });

    test('can be of one type of link', async () => {
      await ring();
      expect(await around('b', { depth: 3, link_type: 'related' })).toEqual({ nodes: 'b0 c1', links: 'bc' });
      expect(await around('b', { depth: 3, link_type: 'none' })).toEqual({ nodes: 'b0', links: '' });
    });

    test('are no more than asked for beside the start', async () => {
      await ring();
      expect(await around('a', { depth: 4, limit: 1 })).toEqual({ nodes: 'a0 e1', links: 'ae' });
      expect(await around('a', { depth: 4, limit: 3 })).toEqual({ nodes: 'a0 e1 b1 c2', links: 'ab ae bc' });
    });

    test('a link to itself and parallel links add no node', async () => {
      await ring();
      await fixture.link(linkCommand('b', 'b'), linkCommand('b', 'c', { link_type: 'other' }));
      expect(await around('b')).toEqual({ nodes: 'b0 c1', links: 'bb bc bc' });
    });

    test('are live memories only, and lead nowhere when they are not', async () => {
      await ring();
      await fixture.link(linkCommand('a', 'nobody'), linkCommand('a', 'past'));
      await fixture.write(storeCommand('past', { expires_at: 1000 }), deleteCommand('b'));
      expect(await around('a', { depth: 4 })).toEqual({ nodes: 'a0 e1', links: 'ae' });
      expect(await around('b', { depth: 4 })).toEqual({ nodes: '', links: '' });
    });

    test('of one user lead over nothing of another', async () => {
      const ann = { user_id: 'ann' };
      await fixture.write(
        storeCommand('a', ann),
        storeCommand('b', { user_id: 'bob' }),
        storeCommand('c', ann),
        storeCommand('d', ann),
        storeCommand('e'),
      );
      await fixture.link(
        linkCommand('a', 'b'),
        linkCommand('b', 'c'),
        linkCommand('a', 'd'),
        linkCommand('d', 'e'),
      );
      expect(await around('a', { depth: 4 })).toMatchObject({ nodes: 'a0 b1 d1 c2 e2' });
      expect(await around('a', { depth: 4, ...ann })).toEqual({ nodes: 'a0 d1', links: 'ad' });
      expect(await around('b', { depth: 4, ...ann })).toEqual({ nodes: '', links: '' });
      const touching = { namespace: 'team', keys: ['a'], limit: 10 };
      expect(await opened.graph.touching({ ...touching, user_id: null })).toHaveLength(2);
      expect(await opened.graph.touching({ ...touching, ...ann })).toEqual([
        { key: 'a', end: 'd', weight: 1 },
      ]);
    });

    test('are of one namespace', async () => {
      await fixture.write(storeCommand('a'), storeCommand('b'));
      await fixture.write(
        storeCommand('a', { namespace: 'other' }),
        storeCommand('b', { namespace: 'other' }),
      );
      await fixture.link(linkCommand('a', 'b', { namespace: 'other' }));
      expect(await around('a', { direction: 'both' })).toEqual({ nodes: 'a0', links: '' });
      expect(await around('a', { namespace: 'other' })).toEqual({ nodes: 'a0 b1', links: 'ab' });
    });
  });
}
