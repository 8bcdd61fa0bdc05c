import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Quota, Quotas } from '../quotas.js';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const MANY = 100;

/** What the Quotas port demands of every adapter, with the store that counts. */
export function describeQuotas(
  name: string,
  create: () => Promise<OpenedMemoryStore & { quotas: Quotas }>,
): void {
  describe(`${name} as quotas`, () => {
    let opened: OpenedMemoryStore & { quotas: Quotas };
    let quotas: Quotas;
    beforeEach(async () => {
      opened = await create();
      quotas = opened.quotas;
    });
    afterEach(() => opened.close());

    /** As a writer does: with the quotas as they are. */
    async function apply(partition: number, ...commands: Parameters<typeof batchOf>[2]) {
      const owner = await opened.ledger.claim('writer', 'memory.commands', partition);
      const batch = batchOf(owner, owner.position + 1, commands, { partition });
      const applied = await opened.store.apply({ ...batch, quotas: await quotas.all() });
      return applied.map(({ operation: { status, error } }) => error?.code ?? status);
    }
    const set = (quota: Partial<Quota>, namespace = 'team') =>
      quotas.set({ namespace, memories: null, bytes: null, by: 'me', ...quota }, MANY);
    const used = async (namespace = 'team') => (await quotas.get(namespace)).used;
    const ofBytes = (coord: string, bytes: number) =>
      storeCommand(coord, { payload: {}, text: 'é'.repeat((bytes - 2) / 2) });

    test('what a namespace holds is counted, whatever becomes of its memories', async () => {
      await apply(0, ofBytes('a', 100), ofBytes('b', 50), storeCommand('c', { namespace: 'other' }));
      expect(await used()).toEqual({ memories: 2, bytes: 150 });
      await apply(0, ofBytes('a', 80), patchCommand('b', { payload: { n: 1 } }), deleteCommand('nothing'));
      expect(await used()).toEqual({ memories: 2, bytes: 135 });
      await apply(0, deleteCommand('a'), deleteCommand('b'), ofBytes('a', 10));
      expect(await used()).toEqual({ memories: 1, bytes: 10 });
      await apply(1, ofBytes('d', 20), deleteCommand('d'), ofBytes('e', 20));
      expect(await used()).toEqual({ memories: 2, bytes: 30 });
      expect(await used('nobody')).toEqual({ memories: 0, bytes: 0 });
    });

    test('expired memories count until they are removed', async () => {
      await apply(0, storeCommand('past', { expires_at: 1000 }));
      expect(await used()).toMatchObject({ memories: 1 });
      await apply(0, deleteCommand('past', { only_expired: true }));
      expect(await used()).toEqual({ memories: 0, bytes: 0 });
    });

    test('no memory is stored beyond the number that a namespace may have', async () => {
      await set({ memories: 2 });
      expect(await apply(0, storeCommand('a'), storeCommand('b'), storeCommand('c'))).toEqual([
        'stored',
        'stored',
        'quota_exceeded',
      ]);
      // In another partition, too; but what is there can be replaced, and what goes makes room.
      expect(await apply(1, storeCommand('d'))).toEqual(['quota_exceeded']);
      expect(await apply(0, storeCommand('a'), patchCommand('b', { importance: 1 }))).toEqual([
        'stored',
        'stored',
      ]);
      expect(await apply(0, deleteCommand('a'), storeCommand('c'), storeCommand('a'))).toEqual([
        'stored',
        'stored',
        'quota_exceeded',
      ]);
      expect(await apply(0, storeCommand('a', { namespace: 'other' }))).toEqual(['stored']);
      expect(await used()).toMatchObject({ memories: 2 });
    });

    test('no memory grows beyond the bytes that a namespace may have; it may shrink at any time', async () => {
      await set({ bytes: 100 });
      expect(await apply(0, ofBytes('a', 60), ofBytes('b', 60), ofBytes('b', 40))).toEqual([
        'stored',
        'quota_exceeded',
        'stored',
      ]);
      await set({ bytes: 10 });
      expect(
        await apply(0, ofBytes('a', 50), ofBytes('a', 52), patchCommand('b', { payload: { more: 'x' } })),
      ).toEqual(['stored', 'quota_exceeded', 'quota_exceeded']);
      expect(await used()).toEqual({ memories: 2, bytes: 90 });
    });

    test('a refusal is the outcome of its command, and changes nothing', async () => {
      await set({ memories: 0 });
      const command = storeCommand('a');
      expect(await apply(0, command)).toEqual(['quota_exceeded']);
      await quotas.remove('team');
      expect(await apply(0, command)).toEqual(['quota_exceeded']);
      expect(await opened.store.get('team', ['a'])).toEqual([undefined]);
      expect(await used()).toEqual({ memories: 0, bytes: 0 });
    });

    test('are set, changed, listed in pages and removed', async () => {
      await apply(0, ofBytes('a', 10));
      expect(await set({ memories: 5 })).toEqual({
        namespace: 'team',
        memories: 5,
        bytes: null,
        used: { memories: 1, bytes: 10 },
        changed_at: expect.any(Number),
        changed_by: 'me',
      });
      expect(await set({ bytes: 7 })).toMatchObject({ memories: null, bytes: 7 });
      await set({ memories: 1 }, 'other');
      const names = async (after: string | null, limit: number) =>
        (await quotas.list({ after, limit })).map(({ namespace }) => namespace);
      expect(await names(null, 9)).toEqual(['other', 'team']);
      expect(await names(null, 1)).toEqual(['other']);
      expect(await names('other', 9)).toEqual(['team']);
      expect((await quotas.list({ after: 'other', limit: 1 }))[0]).toEqual(await quotas.get('team'));
      expect([await quotas.remove('team'), await quotas.remove('team')]).toEqual([true, false]);
      expect(await quotas.get('team')).toMatchObject({ memories: null, bytes: null, changed_at: null });
      expect([...(await quotas.all())]).toEqual([['other', { memories: 1, bytes: null }]]);
    });

    test('are no more than asked for; one that is there can be changed', async () => {
      const setOf = (namespace: string) => quotas.set({ namespace, memories: 1, bytes: null, by: 'me' }, 1);
      expect(await setOf('one')).toBeDefined();
      expect(await setOf('two')).toBeUndefined();
      expect(await setOf('one')).toBeDefined();
    });
  });
}
