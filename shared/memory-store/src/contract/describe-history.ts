import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_ATTRIBUTES, type MemoryCommand } from '@soma/memory';
import type { HistoryReader, Moment } from '../history.js';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const NEVER = { missing: 'never' };
const EXPIRED = { missing: 'expired' };

export function describeHistory(create: () => Promise<OpenedMemoryStore>): void {
  describe('history', () => {
    let opened: OpenedMemoryStore;
    let next = 0;
    beforeEach(async () => {
      opened = await create();
      next = 0;
    });
    afterEach(() => opened.close());

    const write = async (...commands: MemoryCommand[]) => {
      const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
      const applied = await opened.store.apply(batchOf(owner, next, commands));
      next += commands.length;
      return applied.map(({ state }) => state?.updated_at ?? 0);
    };
    const reader = (changes: Partial<HistoryReader> = {}): HistoryReader => ({
      namespace: 'team',
      key: 'm',
      user_id: null,
      deleted_too: false,
      ...changes,
    });
    const versions = async (changes: Partial<HistoryReader> = {}, before: number | null = null, limit = 10) =>
      (await opened.store.history.versions({ ...reader(changes), before, limit })).map(({ state }) =>
        state.deleted ? -state.version : state.version,
      );
    const past = async (moment: Moment, changes: Partial<HistoryReader> = {}) => {
      const found = await opened.store.history.past({ ...reader(changes), moment });
      return 'memory' in found ? found.memory.version : found;
    };
    const ADMIN = { deleted_too: true };

    test('versions come newest first, in pages, each with the command that made it', async () => {
      const commands = [
        storeCommand('m'),
        patchCommand('m', { importance: 1 }),
        storeCommand('m', { issuer: 'x' }),
      ];
      await write(...commands);
      await write(storeCommand('other'), storeCommand('m', { namespace: 'other' }));
      const query = { ...reader(), before: null, limit: 2 };
      expect(await opened.store.history.versions(query)).toMatchObject([
        { operation_id: commands[2]?.command_id, issuer: 'x', state: { version: 3, key: 'm' } },
        { operation_id: commands[1]?.command_id, issuer: 'tester', state: { version: 2, importance: 1 } },
      ]);
      expect(await versions({}, 2)).toEqual([1]);
      expect(await versions({}, 1)).toEqual([]);
      expect(await versions({ key: 'nothing' })).toEqual([]);
    });

    test('a past version and a past time give the memory as it was', async () => {
      const [first = 0] = await write(storeCommand('m', { payload: { n: 1 } }));
      const [second = 0] = await write(storeCommand('m', { payload: { n: 2 } }));
      expect(await opened.store.history.past({ ...reader(), moment: { version: 1 } })).toMatchObject({
        memory: { payload: { n: 1 }, version: 1, ...DEFAULT_ATTRIBUTES },
      });
      expect(await past({ version: 2 })).toBe(2);
      expect(await past({ version: 3 })).toEqual(NEVER);
      expect(await past({ as_of: first })).toBe(1);
      expect(await past({ as_of: second - 1 })).toBe(second - 1 < first ? NEVER : 1);
      expect(await past({ as_of: second })).toBe(2);
      expect(await past({ as_of: Date.now() + 86_400_000 })).toBe(2);
      expect(await past({ as_of: first - 1 })).toEqual(NEVER);
      expect(await past({ version: 1 }, { key: 'nothing' })).toEqual(NEVER);
      expect(await past({ version: 1 }, { namespace: 'other' })).toEqual(NEVER);
    });

    test('what retention let go of is expired, what never was is not', async () => {
      const [first = 0] = await write(storeCommand('m'));
      await write(storeCommand('m'));
      await write(storeCommand('m'));
      await opened.forgetHistory('team', 'm');
      for (const who of [{}, ADMIN]) {
        expect(await past({ version: 2 }, who)).toEqual(EXPIRED);
        expect(await past({ as_of: first - 1 }, who)).toEqual(EXPIRED);
        expect(await past({ version: 3 }, who)).toBe(3);
        expect(await past({ version: 4 }, who)).toEqual(NEVER);
        expect(await versions(who)).toEqual([3]);
      }
    });

    describe('of what was deleted', () => {
      test('is shown only to who sees it', async () => {
        const [at = 0] = await write(storeCommand('m'));
        await write(deleteCommand('m'));
        expect(await versions()).toEqual([]);
        expect(await past({ version: 1 })).toEqual(NEVER);
        expect(await past({ as_of: at })).toEqual(NEVER);
        expect(await versions(ADMIN)).toEqual([-2, 1]);
        expect(await past({ version: 1 }, ADMIN)).toBe(1);
        expect(await past({ version: 2 }, ADMIN)).toEqual(NEVER);
        expect(await past({ as_of: at }, ADMIN)).toBe(1);
        expect(await past({ as_of: Date.now() + 1000 }, ADMIN)).toEqual(NEVER);
      });

      test('stays hidden when it is made again, within the same batch too', async () => {
        const [before = 0] = await write(storeCommand('m'), patchCommand('m', {}));
        await write(
          deleteCommand('m'),
          storeCommand('m'),
          deleteCommand('m'),
          storeCommand('m'),
          patchCommand('m', {}),
        );
        expect(await versions()).toEqual([7, 6]);
        expect(await versions(ADMIN)).toEqual([7, 6, -5, 4, -3, 2, 1]);
        for (const version of [1, 3, 4, 5]) expect(await past({ version })).toEqual(NEVER);
        expect(await past({ as_of: before })).toEqual(NEVER);
        expect(await past({ version: 6 })).toBe(6);
        expect(await past({ version: 4 }, ADMIN)).toBe(4);
      });

      test('and erased is gone for everybody', async () => {
        const [at = 0] = await write(storeCommand('m'));
        await write(deleteCommand('m', { erase: true }));
        expect(await versions(ADMIN)).toEqual([-2]);
        expect(await past({ version: 1 }, ADMIN)).toEqual(EXPIRED);
        expect(await past({ as_of: at }, ADMIN)).toEqual(EXPIRED);
        expect(await past({ version: 1 })).toEqual(NEVER);
      });
    });

    test('a memory that has expired is as one that was deleted, also once it is made again', async () => {
      const [at = 0] = await write(storeCommand('m', { expires_at: 1000 }));
      expect(await versions()).toEqual([]);
      expect(await past({ version: 1 })).toEqual(NEVER);
      expect(await past({ version: 1 }, ADMIN)).toBe(1);
      expect(await past({ as_of: at }, ADMIN)).toEqual(NEVER);
      await write(storeCommand('m'), storeCommand('m', { expires_at: 1000 }), storeCommand('m'));
      expect(await versions()).toEqual([4]);
      expect(await versions(ADMIN)).toEqual([4, 3, 2, 1]);
    });

    test('who reads for one user sees that user’s versions', async () => {
      const of = (user_id: string | null) => storeCommand('m', { user_id });
      await write(of('ann'), of('bob'), of('ann'), of(null), of('ann'));
      expect(await versions({ user_id: 'ann' })).toEqual([5, 3, 1]);
      expect(await versions({ user_id: 'bob' })).toEqual([]);
      expect(await versions({ user_id: 'bob', ...ADMIN })).toEqual([2]);
      expect(await past({ version: 2 }, { user_id: 'ann' })).toEqual(NEVER);
      expect(await past({ version: 3 }, { user_id: 'ann' })).toBe(3);
      expect(await past({ version: 2 }, { user_id: 'bob' })).toEqual(NEVER);
      await write(deleteCommand('m'));
      expect(await versions({ user_id: 'ann', ...ADMIN })).toEqual([5, 3, 1]);
    });
  });
}
