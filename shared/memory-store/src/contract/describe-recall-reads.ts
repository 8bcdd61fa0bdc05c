import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StoreMemory } from '@soma/memory';
import { NO_MARKS } from '../recall-reads.js';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const TEAM = { namespace: 'team', user_id: null };
const MINUTE = 60_000;
const BEGAN = 1_700_000_000_000;

export function describeRecallReads(create: () => Promise<OpenedMemoryStore>): void {
  describe('what ranking asks', () => {
    let opened: OpenedMemoryStore;
    let next = 0;
    beforeEach(async () => {
      opened = await create();
      next = 0;
    });
    afterEach(() => opened.close());

    const apply = async (...commands: Parameters<typeof batchOf>[2]) => {
      const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
      await opened.store.apply(batchOf(owner, next, commands));
      next += commands.length;
    };
    const turn = (coord: string, changes: Partial<StoreMemory> = {}) =>
      storeCommand(coord, { thread_id: 't', ...changes });
    /** Nearest first, and then the one before. */
    const around = async (key: string, span = 2) => {
      const near = await opened.store.recall.around(TEAM, [key], span, NO_MARKS);
      return near
        .toSorted((a, b) => Math.abs(a.distance) - Math.abs(b.distance) || a.distance - b.distance)
        .map(({ of, key: beside, distance }) => {
          expect(of).toBe(key);
          return [distance, beside];
        });
    };
    const factsOf = async (key: string, marks = {}) =>
      (await opened.store.recall.facts(TEAM, [key], { ...NO_MARKS, ...marks }))[0];

    test('neighbours in a thread come by when they occurred, nearest first', async () => {
      const at = (minutes: number) => ({ occurred_at: BEGAN + minutes * MINUTE });
      await apply(turn('e', at(1)), turn('d', at(2)), turn('c', at(3)), turn('b', at(4)), turn('a', at(5)));
      expect(await around('c')).toEqual([
        [-1, 'd'],
        [1, 'b'],
        [-2, 'e'],
        [2, 'a'],
      ]);
      expect(await around('c', 1)).toEqual([
        [-1, 'd'],
        [1, 'b'],
      ]);
      expect(await around('a', 1)).toEqual([[-1, 'b']]);
    });

    test('neighbours bring their facts along', async () => {
      const texts = ['What did you see?', 'Her name, yesterday.', 'No.'];
      const at = (minutes: number) => ({ occurred_at: BEGAN + minutes * MINUTE });
      await apply(...texts.map((text, n) => turn(`m-${n}`, { payload: { text }, actor: 'Ada', ...at(n) })));
      const marks = { ...NO_MARKS, times: true, tells_time: true, phrases: ['her name'] };
      const { recall } = opened.store;
      for (const key of ['m-0', 'm-1', 'm-2']) {
        const near = await recall.around(TEAM, [key], 2, marks);
        expect(near).toHaveLength(2);
        for (const neighbor of near) {
          const [facts] = await recall.facts(TEAM, [neighbor.key], marks);
          expect(neighbor).toEqual({ ...facts, of: key, distance: expect.any(Number) });
        }
      }
    });

    test('those of one time come by the numbers of their coords', async () => {
      const together = { occurred_at: BEGAN };
      await apply(turn('D1:10', together), turn('D1:9', together), turn('D1:11', together));
      expect(await around('D1:10', 1)).toEqual([
        [-1, 'D1:9'],
        [1, 'D1:11'],
      ]);
    });

    test('without a time they come by when their commands were issued, however often they change', async () => {
      const issued = (coord: string, issued_at: number) => turn(coord, { issued_at });
      await apply(issued('third', BEGAN + 2), issued('first', BEGAN), issued('second', BEGAN + 1));
      await apply(patchCommand('first', { importance: 0.9 }, { issued_at: BEGAN + 9 }));
      expect(await around('second')).toEqual([
        [-1, 'first'],
        [1, 'third'],
      ]);
    });

    test('neighbours are live, of the same thread and of the same namespace', async () => {
      await apply(
        turn('m-1'),
        turn('m-2'),
        turn('m-3'),
        turn('m-4', { thread_id: 'other' }),
        turn('m-5', { namespace: 'elsewhere' }),
        turn('m-6', { thread_id: null }),
        turn('m-7', { expires_at: BEGAN }),
        deleteCommand('m-1'),
      );
      expect(await around('m-2')).toEqual([[1, 'm-3']]);
      expect(await around('m-6')).toEqual([]);
    });

    test('a deleted memory that is made again stands where it was made again', async () => {
      await apply(turn('a', { issued_at: BEGAN }), turn('b', { issued_at: BEGAN + 1 }));
      await apply(deleteCommand('a'), turn('a', { issued_at: BEGAN + 2 }));
      expect(await around('b')).toEqual([[1, 'a']]);
    });

    test('speakers are found by their name or its beginning, and nothing longer or shorter', async () => {
      await apply(
        storeCommand('1', { actor: 'Ada' }),
        storeCommand('2', { payload: { author: 'Grace Hopper' } }),
        storeCommand('3', { actor: 'Adam' }),
        storeCommand('4', { actor: 'Mary', namespace: 'other' }),
        storeCommand('5', { actor: 'Gone' }),
        deleteCommand('5'),
      );
      const named = async (...names: string[]) =>
        (await opened.store.recall.speakers(TEAM, names)).toSorted();
      expect(await named('ada', 'mary', 'gone')).toEqual(['ada']);
      expect(await named('grace')).toEqual(['grace hopper']);
      expect(await named('grace hopper', 'hopper', 'gra')).toEqual(['grace hopper']);
      expect(await named()).toEqual([]);
    });

    test('of one user nothing of another shows: no neighbour, no speaker, no fact', async () => {
      const ofUser = (user_id: string, minutes: number) => ({
        user_id,
        occurred_at: BEGAN + minutes * MINUTE,
      });
      await apply(
        turn('a', { ...ofUser('ann', 1), actor: 'Ada' }),
        turn('b', { ...ofUser('bob', 2), actor: 'Boole' }),
        turn('c', ofUser('ann', 3)),
        turn('d', { occurred_at: BEGAN + 4 * MINUTE, actor: 'Nobody' }),
      );
      const ann = { namespace: 'team', user_id: 'ann' };
      const { recall } = opened.store;
      expect((await recall.around(ann, ['a', 'b'], 2, NO_MARKS)).map(({ of, key }) => [of, key])).toEqual([
        ['a', 'c'],
      ]);
      expect(await recall.speakers(ann, ['ada', 'boole', 'nobody'])).toEqual(['ada']);
      expect((await recall.facts(ann, ['a', 'b', 'd'], NO_MARKS)).map(({ key }) => key)).toEqual(['a']);
    });

    test('facts tell what a text says without the text', async () => {
      await apply(
        storeCommand('asks', {
          payload: { text: 'Did you see Her Name yesterday? ' },
          actor: 'Ada',
          importance: 1,
        }),
        storeCommand('tells', { payload: { text: 'No? Not I.' }, thread_id: 't', occurred_at: BEGAN }),
      );
      const marks = { times: true, tells_time: true, phrases: ['her name', 'nobody'] };
      expect(await factsOf('asks', marks)).toMatchObject({
        asks: true,
        tells_time: true,
        phrases: 1,
        speaker: 'ada',
        thread_id: null,
        occurred_at: null,
        importance: 1,
      });
      expect(await factsOf('tells', marks)).toMatchObject({
        asks: false,
        tells_time: false,
        phrases: 0,
        thread_id: 't',
        occurred_at: BEGAN,
      });
      expect(await factsOf('asks')).toMatchObject({ tells_time: false, phrases: 0, accesses: 0 });
      expect(await factsOf('tells')).toMatchObject({ occurred_at: null, updated_at: null });
      expect(await factsOf('asks', { accesses: true })).toMatchObject({ accesses: 0 });
      expect(await factsOf('nothing')).toBeUndefined();
      expect(await opened.store.recall.facts({ ...TEAM, namespace: 'other' }, ['asks'], NO_MARKS)).toEqual(
        [],
      );
    });
  });
}
