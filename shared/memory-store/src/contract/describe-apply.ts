import { deadLetterAt } from '@soma/ledger/contract';
import { revisionOf } from '@soma/memory';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

export function describeApply(create: () => Promise<OpenedMemoryStore>): void {
  describe('apply', () => {
    let opened: OpenedMemoryStore;
    beforeEach(async () => {
      opened = await create();
    });
    afterEach(() => opened.close());
    const claim = () => opened.ledger.claim('writer', 'memory.commands', 0);

    test('stores a memory whole, with the revision of its position and the clock of the store', async () => {
      const { store } = opened;
      const owner = await claim();
      const command = storeCommand('42.0,17', {
        payload: { b: [1, { c: null }], a: 'quote " \\ \u2028 é 😀', __proto__x: 1.5e-7 },
        tags: ['a', 'b,c', '{"d"}', ''],
        memory_type: 'semantic',
        user_id: 'u',
        occurred_at: -62_135_596_800_000,
        expires_at: 253_402_300_799_999,
      });
      const [applied] = await store.apply(batchOf(owner, 5, [command]));
      const revision = revisionOf(owner.generation, 5);
      expect(applied).toMatchObject({ position: 5, replayed: false, applied_before: false });
      expect(applied?.operation).toMatchObject({
        operation_id: command.command_id,
        status: 'stored',
        created: true,
        deleted: null,
        version: 1,
        revision,
        memory_type: 'semantic',
        coord: '42.0,17',
        accepted_at: command.issued_at,
      });
      const [memory] = await store.get('team', ['42,17']);
      expect(memory).toEqual(applied?.state);
      const { tags, payload } = command;
      expect(memory).toMatchObject({
        key: '42,17',
        coord: '42.0,17',
        payload,
        tags,
        version: 1,
        revision,
        user_id: 'u',
      });
      expect(JSON.stringify(memory?.payload)).toBe(JSON.stringify(payload));
      expect(await opened.ledger.operations('team', [command.command_id])).toEqual([applied?.operation]);
    });

    test('carries out commands in order, also of one memory in one batch', async () => {
      const commands = [
        storeCommand('m', { payload: { n: 1 } }),
        patchCommand('m', { payload: { more: true } }),
        deleteCommand('m'),
        deleteCommand('m'),
        storeCommand('m', { payload: { n: 2 } }),
      ];
      const applied = await opened.store.apply(batchOf(await claim(), 0, commands));
      expect(
        applied.map(({ operation: { version, created, deleted } }) => ({ version, created, deleted })),
      ).toEqual([
        { version: 1, created: true, deleted: null },
        { version: 2, created: false, deleted: null },
        { version: 3, created: false, deleted: true },
        { version: null, created: false, deleted: false },
        { version: 4, created: true, deleted: null },
      ]);
      expect(await opened.store.get('team', ['m'])).toMatchObject([{ version: 4, payload: { n: 2 } }]);
    });

    test('keeps no content of a deleted memory, and its versions go on', async () => {
      const { store } = opened;
      const owner = await claim();
      await store.apply(batchOf(owner, 0, [storeCommand('m')]));
      await store.apply(batchOf(owner, 1, [deleteCommand('m')]));
      expect(await store.get('team', ['m'])).toEqual([undefined]);
      const { states } = await store.states('team', ['m']);
      const tombstone = {
        deleted: true,
        namespace: 'team',
        key: 'm',
        coord: 'm',
        version: 2,
        revision: revisionOf(owner.generation, 1),
        updated_at: expect.any(Number),
      };
      expect(states).toEqual([tombstone]);
      const [again] = await store.apply(batchOf(owner, 2, [storeCommand('m')]));
      expect(again?.operation).toMatchObject({ version: 3, created: true });
    });

    test('rejections are operations and change nothing', async () => {
      const refused = patchCommand('nobody', { payload: { a: 1 } });
      const [applied] = await opened.store.apply(batchOf(await claim(), 0, [refused]));
      expect(applied).toMatchObject({
        state: undefined,
        operation: { status: 'rejected', version: null, revision: null },
      });
      expect(applied?.operation.error).toMatchObject({ code: 'memory_not_found' });
      expect(await opened.ledger.operations('team', [refused.command_id])).toEqual([applied?.operation]);
    });

    test('namespaces do not see each other', async () => {
      const owner = await claim();
      const [, other] = await opened.store.apply(
        batchOf(owner, 0, [
          storeCommand('m'),
          storeCommand('m', { namespace: 'other', payload: { other: true } }),
        ]),
      );
      expect(other?.operation).toMatchObject({ version: 1, created: true });
      await opened.store.apply(batchOf(owner, 2, [deleteCommand('m')]));
      expect(await opened.store.get('team', ['m'])).toEqual([undefined]);
      expect(await opened.store.get('other', ['m'])).toMatchObject([
        { payload: { other: true }, version: 1 },
      ]);
    });

    test('an owner that lost the partition changes nothing', async () => {
      const former = await claim();
      await claim();
      const command = storeCommand('m');
      await expect(opened.store.apply(batchOf(former, 0, [command]))).rejects.toMatchObject({
        code: 'ownership_lost',
      });
      expect(await opened.store.get('team', ['m'])).toEqual([undefined]);
      expect(await opened.ledger.operations('team', [command.command_id])).toEqual([undefined]);
    });

    test('dead letters take part at their position: the first of an id decides', async () => {
      const { store, ledger } = opened;
      const [first, second] = [storeCommand('first'), storeCommand('second')];
      const of = (command: typeof first) => ({
        command_id: command.command_id,
        namespace: 'team',
        coord: command.coord,
      });
      const letters = [deadLetterAt(0, of(first)), deadLetterAt(3, of(second)), deadLetterAt(4)];
      const batch = batchOf(await claim(), 1, [first, second], { position: 4, dead_letters: letters });
      const applied = await store.apply(batch);
      expect(applied.map(({ replayed, operation }) => ({ replayed, status: operation.status }))).toEqual([
        { replayed: true, status: 'dead_lettered' },
        { replayed: false, status: 'stored' },
      ]);
      expect(await store.get('team', ['first', 'second'])).toMatchObject([undefined, { coord: 'second' }]);
      expect(await ledger.unpublishedDeadLetters('writer', 'memory.commands', 0, 10)).toEqual(letters);
      expect((await ledger.progress())[0]).toMatchObject({ position: 4 });
      const operations = await ledger.operations('team', [first.command_id, second.command_id]);
      expect(operations).toMatchObject([{ status: 'dead_lettered' }, { status: 'stored' }]);
    });

    test('an empty batch moves progress', async () => {
      expect(await opened.store.apply(batchOf(await claim(), 0, [], { position: 6 }))).toEqual([]);
      expect((await opened.ledger.progress())[0]).toMatchObject({ position: 6 });
    });
  });
}
