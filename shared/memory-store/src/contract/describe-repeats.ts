import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryCommand } from '@soma/memory';
import { batchOf, deleteCommand, patchCommand, storeCommand, type OpenedMemoryStore } from './fixtures.js';

export function describeRepeats(create: () => Promise<OpenedMemoryStore>): void {
  describe('a repeat', () => {
    let opened: OpenedMemoryStore;
    beforeEach(async () => {
      opened = await create();
    });
    afterEach(() => opened.close());
    const claim = (partition = 0) => opened.ledger.claim('writer', 'memory.commands', partition);

    test('of an id at another position is answered from its first outcome', async () => {
      const { store } = opened;
      const owner = await claim();
      const command = storeCommand('m');
      const [first] = await store.apply(batchOf(owner, 0, [command]));
      await store.apply(batchOf(owner, 1, [patchCommand('m', { payload: { later: true } })]));
      const [repeat] = await store.apply(batchOf(owner, 2, [command]));
      expect(repeat).toEqual({
        position: 2,
        operation: first?.operation,
        replayed: true,
        state: undefined,
        applied_before: false,
      });
      expect(await store.get('team', ['m'])).toMatchObject([{ version: 2, payload: { later: true } }]);
    });

    test('in the same batch is one, whatever the case of its id', async () => {
      const command = storeCommand('m');
      const shouted = { ...command, command_id: command.command_id.toUpperCase() };
      const applied = await opened.store.apply(batchOf(await claim(), 0, [command, shouted, command]));
      expect(applied.map(({ replayed }) => replayed)).toEqual([false, true, true]);
      expect(applied[2]?.operation).toEqual(applied[0]?.operation);
      expect(await opened.store.get('team', ['m'])).toMatchObject([{ version: 1 }]);
    });

    test('of an id that was taken for other work is refused', async () => {
      const command = storeCommand('m');
      const { command_id: operation_id, namespace, issuer } = command;
      await opened.ledger.reserve({ operation_id, namespace, issuer, request_hash: 'other' });
      const [applied] = await opened.store.apply(batchOf(await claim(), 0, [command]));
      expect(applied?.operation).toMatchObject({
        status: 'rejected',
        error: { code: 'idempotency_key_reused' },
      });
      expect(await opened.store.get('team', ['m'])).toEqual([undefined]);
    });

    test('of a rejected command stays rejected', async () => {
      const owner = await claim();
      const refused = patchCommand('m', { payload: { a: 1 } });
      const [first] = await opened.store.apply(batchOf(owner, 0, [refused, storeCommand('m')]));
      const [repeat] = await opened.store.apply(batchOf(owner, 2, [refused]));
      expect(repeat?.operation).toEqual(first?.operation);
      expect(await opened.store.get('team', ['m'])).toMatchObject([{ version: 1 }]);
    });

    test('of a whole batch has no second effect and says that it was applied before', async () => {
      const { store } = opened;
      const owner = await claim();
      const batch = batchOf(owner, 0, [storeCommand('a'), storeCommand('b'), deleteCommand('a')]);
      const first = await store.apply(batch);
      const before = await store.states('team', ['a', 'b']);
      const again = await store.apply(batch);
      expect(again).toEqual(first.map((applied) => ({ ...applied, state: undefined, applied_before: true })));
      expect((await store.states('team', ['a', 'b'])).states).toEqual(before.states);
    });

    test('of part of a batch carries out only the rest', async () => {
      const { store } = opened;
      const owner = await claim();
      const [a, b, c] = [
        storeCommand('a'),
        patchCommand('a', { importance: 1 }),
        patchCommand('a', { importance: 0 }),
      ];
      await store.apply(batchOf(owner, 0, [a, b]));
      const applied = await store.apply(batchOf(owner, 1, [b, c]));
      expect(applied.map(({ applied_before }) => applied_before)).toEqual([true, false]);
      expect(await store.get('team', ['a'])).toMatchObject([{ version: 3, importance: 0 }]);
    });

    test('at or below progress that nothing is known of is skipped', async () => {
      const owner = await claim();
      await opened.store.apply(batchOf(owner, 0, [], { position: 9 }));
      expect(await opened.store.apply(batchOf(owner, 4, [storeCommand('m')], { position: 9 }))).toEqual([]);
      expect(await opened.store.get('team', ['m'])).toEqual([undefined]);
    });

    test('by the next owner is none: progress and outcomes pass on', async () => {
      const batch = batchOf(await claim(), 0, [storeCommand('m')]);
      const first = await opened.store.apply(batch);
      const [again] = await opened.store.apply(
        batchOf(
          await claim(),
          0,
          batch.commands.map(({ command }) => command),
        ),
      );
      expect(again).toMatchObject({ applied_before: true, operation: first[0]?.operation });
    });

    describe('of an id for another request', () => {
      const reused = { status: 'rejected', error: { code: 'idempotency_key_reused' } };
      async function applyBoth(first: MemoryCommand, second: MemoryCommand) {
        const owner = await claim();
        await opened.store.apply(batchOf(owner, 0, [first]));
        const [applied] = await opened.store.apply(batchOf(owner, 1, [second]));
        return applied;
      }

      test('is refused, and the first outcome stays', async () => {
        const first = storeCommand('m', { request_hash: 'one' });
        const second = storeCommand('n', { command_id: first.command_id, request_hash: 'two' });
        const applied = await applyBoth(first, second);
        expect(applied).toMatchObject({
          replayed: true,
          state: undefined,
          operation: { ...reused, coord: 'n', position: 1 },
        });
        expect(await opened.ledger.operations('team', [first.command_id])).toMatchObject([
          { status: 'stored', coord: 'm' },
        ]);
        expect(await opened.store.get('team', ['n'])).toEqual([undefined]);
      });

      test('is refused within one batch too', async () => {
        const first = storeCommand('m', { request_hash: 'one' });
        const second = storeCommand('m', { command_id: first.command_id, request_hash: 'two' });
        const applied = await opened.store.apply(batchOf(await claim(), 0, [first, second]));
        expect(applied.map(({ operation }) => operation.status)).toEqual(['stored', 'rejected']);
      });

      test('is refused in another namespace, which learns nothing of the first', async () => {
        const first = storeCommand('m');
        const applied = await applyBoth(
          first,
          storeCommand('n', { command_id: first.command_id, namespace: 'other' }),
        );
        expect(applied?.operation).toMatchObject({ ...reused, namespace: 'other', coord: 'n' });
      });

      test('cannot be told when either hash is unknown', async () => {
        const first = storeCommand('m', { request_hash: 'one' });
        const applied = await applyBoth(first, { ...first, request_hash: null });
        expect(applied).toMatchObject({ replayed: true, operation: { status: 'stored' } });
      });
    });

    test('of an idempotency id on two partitions at once has one effect', async () => {
      const { store } = opened;
      const owners = [await claim(0), await claim(1)];
      for (let round = 0; round < 10; round += 1) {
        const ids = Array.from({ length: 5 }, () => uuidV5());
        const applied = await Promise.all(
          owners.map((owner, partition) => {
            // In opposite order, so that locks taken in the order of the log would meet in a circle.
            const ordered = partition === 0 ? ids : [...ids].reverse();
            const commands = ordered.map((command_id) =>
              storeCommand(`${partition}:${command_id}`, { command_id, request_hash: String(partition) }),
            );
            return store.apply(batchOf(owner, round * 5, commands, { partition }));
          }),
        );
        for (const id of ids) {
          const outcomes = applied.flat().filter(({ operation }) => operation.operation_id === id);
          expect(outcomes.map(({ operation }) => operation.status).sort()).toEqual(['rejected', 'stored']);
        }
      }
    });
  });
}

/** As random as version 4, but with the version digit of the ids that idempotency keys make. */
function uuidV5(): string {
  return randomUUID().replace(/^(.{14})./, '$15');
}
