import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordPosition } from '@soma/ledger';
import { deadLetterAt } from '@soma/ledger/contract';
import type { MemoryCommand } from '@soma/memory';
import { batchOf, storeCommand, type OpenedMemoryStore } from './fixtures.js';

const deadAt = (position: number): RecordPosition => ({
  topic: 'memory.commands',
  generation: 1,
  partition: 0,
  position,
});

export function describeRedrives(create: () => Promise<OpenedMemoryStore>): void {
  describe('a redriven command', () => {
    let opened: OpenedMemoryStore;
    beforeEach(async () => {
      opened = await create();
    });
    afterEach(() => opened.close());

    const command = storeCommand('m');
    const letterAt = (position: number) =>
      deadLetterAt(position, { command_id: command.command_id, namespace: 'team', coord: 'm' });
    async function applyAt(position: number, redriven: MemoryCommand, redrive_of?: RecordPosition) {
      const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
      const batch = batchOf(owner, position, []);
      const commands = [{ position, command: redriven, redrive_of }];
      const progress = { ...batch.progress, position };
      const [applied] = await opened.store.apply({ ...batch, progress, commands });
      return applied;
    }
    async function refuseAt(position: number): Promise<void> {
      const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
      await opened.store.apply(
        batchOf(owner, position, [], { position, dead_letters: [letterAt(position)] }),
      );
    }

    test('is carried out in place of its refusal, once', async () => {
      await refuseAt(0);
      expect(await applyAt(1, command)).toMatchObject({
        operation: { status: 'dead_lettered', position: 0 },
      });
      const carriedOut = await applyAt(2, command, deadAt(0));
      expect(carriedOut).toMatchObject({
        replayed: false,
        operation: { status: 'stored', position: 2, version: 1 },
        state: { key: 'm', version: 1 },
      });
      const again = await applyAt(3, command, deadAt(0));
      expect(again).toMatchObject({ replayed: true, state: undefined, operation: carriedOut?.operation });
      const found = await opened.ledger.operations('team', [command.command_id]);
      expect(found).toEqual([carriedOut?.operation]);
    });

    test('comes to a memory that is there as it is now', async () => {
      await refuseAt(0);
      await applyAt(1, storeCommand('m', { payload: { newer: true } }));
      expect(await applyAt(2, command, deadAt(0))).toMatchObject({ state: { version: 2 } });
    });

    test('that names another refusal than its own is answered from its outcome', async () => {
      await refuseAt(0);
      for (const other of [deadAt(7), { ...deadAt(0), partition: 1 }, { ...deadAt(0), generation: 2 }]) {
        const owner = await opened.ledger.claim('writer', 'memory.commands', 0);
        const applied = await applyAt(owner.position + 1, command, other);
        expect(applied).toMatchObject({ replayed: true, operation: { status: 'dead_lettered' } });
      }
      expect(await opened.store.get('team', ['m'])).toEqual([undefined]);
    });
  });
}
