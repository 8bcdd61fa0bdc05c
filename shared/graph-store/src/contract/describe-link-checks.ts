import { deleteCommand, storeCommand } from '@soma/memory-store/contract';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LinkFault, LinkId } from '../link-checks.js';
import { GraphFixture, linkCommand, type OpenedGraphStore } from './fixtures.js';

export function describeLinkChecks(create: () => Promise<OpenedGraphStore>): void {
  describe('links against memories', () => {
    let opened: OpenedGraphStore;
    let fixture: GraphFixture;
    beforeEach(async () => {
      opened = await create();
      fixture = new GraphFixture(opened);
      await fixture.write(...['a', 'b', 'c', 'd'].map((coord) => storeCommand(coord)));
    });
    afterEach(() => opened.close());

    async function checked(limit = 100, namespace: string | null = null) {
      const all = { links: 0, faults: [] as LinkFault[] };
      for (let after: LinkId | null = null; ;) {
        const { links, faults, next } = await opened.graph.checks.page({ after, limit, namespace });
        all.links += links;
        all.faults.push(...faults);
        if (next === null) return all;
        after = next;
      }
    }
    const short = ({ from_key, to_key, fault, coord }: LinkFault) =>
      `${from_key}-${to_key} ${fault} ${coord}`;

    test('nothing is wrong with links between memories that are there, or were never there', async () => {
      await fixture.link(linkCommand('a', 'b'), linkCommand('a', 'nobody'), linkCommand('b', 'b'));
      await fixture.write(storeCommand('a'));
      expect(await checked(1)).toEqual({ links: 3, faults: [] });
      expect(await opened.graph.checks.count(null)).toBe(3);
    });

    test('a link that outlived a deletion is found, also when the memory was made again, and goes', async () => {
      await fixture.link(linkCommand('a', 'b'), linkCommand('c', 'a'), linkCommand('c', 'd'));
      await fixture.link(linkCommand('a', 'b', { namespace: 'other' }));
      const [gone] = await fixture.write(deleteCommand('a'));
      const [again] = await fixture.write(deleteCommand('d'));
      await fixture.write(storeCommand('d'));
      for (const limit of [1, 2, 100]) {
        const { links, faults } = await checked(limit);
        expect(links).toBe(4);
        expect(faults.map(short)).toEqual(['a-b outlived a', 'c-a outlived a', 'c-d outlived d']);
        expect(faults.map(({ revision }) => revision)).toEqual([
          gone?.state?.revision,
          gone?.state?.revision,
          again?.state?.revision,
        ]);
      }
      expect(await checked(100, 'other')).toEqual({ links: 1, faults: [] });
      const { faults } = await opened.graph.checks.sample({ size: 100, namespace: 'team' });
      expect(faults).toHaveLength(3);
      expect((await opened.graph.checks.sample({ size: 1, namespace: null })).links).toBe(1);
      await opened.graph.checks.mend(faults);
      expect(await checked()).toEqual({ links: 1, faults: [] });
    });

    test('a link that was made again since it was looked at stays', async () => {
      await fixture.link(linkCommand('a', 'b'));
      await fixture.write(deleteCommand('b'));
      const { faults } = await checked();
      expect(faults).toHaveLength(1);
      await fixture.link(linkCommand('a', 'b'));
      await opened.graph.checks.mend(faults);
      expect(await checked()).toEqual({ links: 1, faults: [] });
    });

    test('these links alone are looked at', async () => {
      await fixture.link(linkCommand('a', 'b'), linkCommand('a', 'c'));
      await fixture.write(deleteCommand('b'), deleteCommand('c'));
      const { faults } = await checked();
      const [first] = faults;
      if (first === undefined) throw new Error('no fault');
      expect(await opened.graph.checks.of([first])).toEqual([first]);
      expect(await opened.graph.checks.of([])).toEqual([]);
      await opened.graph.checks.mend(faults);
      expect(await opened.graph.checks.of(faults)).toEqual([]);
    });
  });
}
