import { describe, expect, test } from '@jest/globals';
import type { HeldPoint, VectorIndex } from '../port.js';
import { deletedPoint, DIMENSION, livePoint, query } from './fixtures.js';

/** What an index says of its own holdings; `tested` gives the index and an empty collection of it. */
export function describeHeldPoints(tested: () => { index: VectorIndex; collection: string }): void {
  describe('what it holds', () => {
    async function scanned(limit: number, namespace: string | null = null): Promise<HeldPoint[]> {
      const { index, collection } = tested();
      const points: HeldPoint[] = [];
      for (let after: string | null = null; ;) {
        const page = await index.scan(collection, { after, limit, namespace });
        points.push(...page.points);
        if (page.next === null) return points;
        after = page.next;
      }
    }
    const names = (points: HeldPoint[]) => points.map(({ namespace, key }) => `${namespace}/${key}`).sort();

    test('is told by key: revisions, deletions, and nothing where nothing is', async () => {
      const { index, collection } = tested();
      const newest = Number.MAX_SAFE_INTEGER;
      await index.upsert(collection, [
        livePoint('a', { revision: newest }),
        livePoint('a', { namespace: 'other', revision: 2 }),
        deletedPoint('gone', 3),
      ]);
      expect(await index.revisions(collection, 'default', ['gone', 'b', 'a', 'gone'])).toEqual([
        { revision: 3, deleted: true },
        undefined,
        { revision: newest, deleted: false },
        { revision: 3, deleted: true },
      ]);
      expect(await index.revisions(collection, 'default', [])).toEqual([]);
      expect(await index.revisions(collection, 'third', ['a'])).toEqual([undefined]);
    });

    test.each([1, 4, 100])(
      'is scanned in pages of %d, each point once, without the progress',
      async (limit) => {
        const { index, collection } = tested();
        expect(await scanned(limit)).toEqual([]);
        await index.setProgress(collection, 0, { generation: 1, command_position: 7 });
        await index.upsert(collection, [
          ...Array.from({ length: 8 }, (_, at) => livePoint(`k${at}`, { partition: at })),
          livePoint('k0', { namespace: 'other', revision: 5 }),
          deletedPoint('gone', 3),
        ]);
        const all = await scanned(limit);
        const keys = Array.from({ length: 8 }, (_, at) => `default/k${at}`);
        expect(names(all)).toEqual(['default/gone', ...keys, 'other/k0']);
        expect(all).toContainEqual({
          namespace: 'default',
          key: 'k3',
          partition: 3,
          revision: 1,
          deleted: false,
        });
        expect(await scanned(limit, 'other')).toEqual([
          { namespace: 'other', key: 'k0', partition: 0, revision: 5, deleted: false },
        ]);
      },
    );

    test('is taken out by revision, and an older state can be written then', async () => {
      const { index, collection } = tested();
      await index.upsert(collection, [
        livePoint('a', { revision: 5 }),
        livePoint('b', { revision: 5 }),
        deletedPoint('c', 5),
      ]);
      await index.setProgress(collection, 0, { generation: 1, command_position: 7 });
      expect(await index.count(collection)).toBe(2);
      const of = (key: string, revision: number) => ({ namespace: 'default', key, revision });
      await index.remove(collection, [of('a', 5), of('b', 4), of('c', 5), of('never', 1)]);
      expect(names(await scanned(10))).toEqual(['default/b']);
      const { sparse } = await index.search(collection, query());
      expect(sparse.map(({ key }) => key)).toEqual(['b']);
      await index.upsert(collection, [livePoint('a', { revision: 2 }), livePoint('c', { revision: 2 })]);
      expect(await index.revisions(collection, 'default', ['a', 'b', 'c'])).toEqual([
        { revision: 2, deleted: false },
        { revision: 5, deleted: false },
        { revision: 2, deleted: false },
      ]);
      expect(await index.count(collection)).toBe(3);
      // Mending is no hole.
      expect((await index.progress(collection, [0])).get(0)?.command_position).toBe(7);
      await index.remove(collection, []);
    });

    test('goes with the collection, progress too, and a new one begins empty', async () => {
      const { index, collection } = tested();
      const spec = { name: collection, model: 'model-a', dimension: DIMENSION };
      const unavailable = { code: 'index_unavailable', retryable: true };
      await index.upsert(collection, [livePoint('a')]);
      await index.setProgress(collection, 0, { generation: 1, command_position: 7 });
      expect(await index.count(collection)).toBe(1);
      await index.dropCollection(collection);
      await index.dropCollection(collection);
      await expect(index.search(collection, query())).rejects.toMatchObject(unavailable);
      await expect(index.revisions(collection, 'default', ['a'])).rejects.toMatchObject(unavailable);
      await expect(scanned(10)).rejects.toMatchObject(unavailable);
      const none = new Map([[0, { generation: 0, command_position: -1 }]]);
      expect(await index.progress(collection, [0])).toEqual(none);
      await index.ensureCollection(spec);
      expect(await index.count(collection)).toBe(0);
      expect(await index.progress(collection, [0])).toEqual(none);
      await index.upsert(collection, [livePoint('b')]);
      expect(names(await scanned(10))).toEqual(['default/b']);
      expect((await index.search(collection, query())).sparse.map(({ key }) => key)).toEqual(['b']);
    });
  });
}
