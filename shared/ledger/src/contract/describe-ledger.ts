import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RESERVED, type Ledger } from '../port.js';
import { describeKeptDeadLetters } from './describe-kept-dead-letters.js';
import { deadLetterAt, KEEP, moveTo } from './fixtures.js';

export interface OpenedLedger {
  ledger: Ledger;
  close(): Promise<void>;
}

/** What every Ledger keeps. `create` gives an empty one. */
export function describeLedger(name: string, create: () => Promise<OpenedLedger>): void {
  describe(`${name} as a Ledger`, () => {
    let opened: OpenedLedger;
    let ledger: Ledger;
    beforeEach(async () => {
      opened = await create();
      ledger = opened.ledger;
    });
    afterEach(() => opened.close());

    const claim = () => ledger.claim('writer', 'memory.commands', 0);
    const lost = { name: 'SomaError', code: 'ownership_lost' };

    describe('progress', () => {
      test('begins at nothing', async () => {
        expect(await claim()).toMatchObject({ position: -1, fingerprint: null, command_position: -1 });
      });

      test('that was put back in time is not moved by the owner who had come further', async () => {
        const owner = await claim();
        await ledger.advance(moveTo(7, owner));
        const ahead = moveTo(12, owner, { after: 9 });
        await expect(ledger.advance(ahead)).rejects.toMatchObject({ code: 'standing_lost' });
        expect((await claim()).position).toBe(7);
      });

      test('is where it was left for the next owner, whose epoch is higher', async () => {
        const first = await claim();
        await ledger.advance(moveTo(7, first, { command_position: 5 }));
        const second = await claim();
        expect(second).toMatchObject({ position: 7, fingerprint: 'record 7', command_position: 5 });
        expect(second.epoch).toBeGreaterThan(first.epoch);
      });

      test('moves for its owner only: an older epoch changes nothing', async () => {
        const former = await claim();
        await claim();
        await expect(ledger.advance(moveTo(7, former))).rejects.toMatchObject(lost);
        const letters = { dead_letters: [deadLetterAt(7)] };
        await expect(ledger.advance(moveTo(7, former, letters))).rejects.toMatchObject(lost);
        expect(await claim()).toMatchObject({ position: -1 });
        expect(await ledger.unpublishedDeadLetters('writer', 'memory.commands', 0, 10)).toEqual([]);
      });

      test('moves for nobody who has not claimed it', async () => {
        await expect(ledger.advance(moveTo(7, { ...(await claim()), epoch: 99 }))).rejects.toMatchObject(
          lost,
        );
        const unclaimed = moveTo(7, await claim(), { partition: 5 });
        await expect(ledger.advance(unclaimed)).rejects.toMatchObject(lost);
      });

      test('only grows', async () => {
        const owner = await claim();
        await ledger.advance(moveTo(7, owner, { command_position: 5 }));
        await ledger.advance(moveTo(3, owner, { command_position: 2 }));
        await ledger.advance(moveTo(7, owner, { fingerprint: 'another' }));
        expect(await claim()).toMatchObject({ position: 7, fingerprint: 'record 7', command_position: 5 });
      });

      test('keeps the command position when a move has none', async () => {
        const owner = await claim();
        await ledger.advance(moveTo(7, owner, { command_position: 5 }));
        await ledger.advance(moveTo(9, owner));
        expect(await ledger.progress()).toEqual([
          {
            group: 'writer',
            topic: 'memory.commands',
            partition: 0,
            generation: 1,
            position: 9,
            command_position: 5,
          },
        ]);
      });

      test('is kept for each group, topic and partition', async () => {
        await ledger.advance(moveTo(1, await claim()));
        const other = await ledger.claim('writer', 'memory.commands', 3);
        await ledger.advance(moveTo(2, other, { partition: 3 }));
        await ledger.claim('graph', 'graph.commands', 0);
        expect((await ledger.progress()).map((row) => [row.group, row.partition, row.position])).toEqual([
          ['graph', 0, -1],
          ['writer', 0, 1],
          ['writer', 3, 2],
        ]);
      });
    });

    describe('dead letters', () => {
      const unpublished = (limit = 10) =>
        ledger.unpublishedDeadLetters('writer', 'memory.commands', 0, limit);

      test('come back as they were written, oldest first, until they are published', async () => {
        const letters = [
          deadLetterAt(9),
          deadLetterAt(4, { key: null, value: null, code: 'unknown_schema' }),
        ];
        await ledger.advance(moveTo(9, await claim(), { dead_letters: letters }));
        expect(await unpublished()).toEqual([letters[1], letters[0]]);
        expect(await unpublished(1)).toHaveLength(1);
        await ledger.markPublished([deadLetterAt(4)]);
        expect((await unpublished()).map((letter) => letter.position)).toEqual([9]);
      });

      test('are written once for a position', async () => {
        const owner = await claim();
        await ledger.advance(moveTo(9, owner, { dead_letters: [deadLetterAt(9)] }));
        await ledger.advance(moveTo(9, owner, { dead_letters: [deadLetterAt(9, { message: 'another' })] }));
        expect(await unpublished()).toEqual([deadLetterAt(9)]);
      });

      test('hold whatever the record held', async () => {
        const letter = deadLetterAt(9, { key: 'a\0b', headers: { 'x-\0': '\0' }, value: Buffer.from('\0') });
        await ledger.advance(moveTo(9, await claim(), { dead_letters: [letter] }));
        expect(await unpublished()).toEqual([letter]);
      });

      test('with a known command end its operation', async () => {
        const id = randomUUID();
        const letter = deadLetterAt(9, { command_id: id, namespace: 'team', coord: '42,17' });
        await ledger.advance(moveTo(9, await claim(), { dead_letters: [letter] }));
        expect(await ledger.operations('team', [id])).toMatchObject([
          {
            operation_id: id,
            namespace: 'team',
            coord: '42,17',
            status: 'dead_lettered',
            position: 9,
            error: { code: 'schema_mismatch', detail: 'the record does not fit its schema' },
          },
        ]);
      });

      test('of a group that carries out no commands end nothing', async () => {
        const id = randomUUID();
        const at = { group: 'indexer', topic: 'memory.events' } as const;
        const owner = await ledger.claim('indexer', 'memory.events', 0);
        const letter = deadLetterAt(9, { ...at, command_id: id, namespace: 'team', coord: '42,17' });
        await ledger.advance(moveTo(9, owner, { ...at, dead_letters: [letter] }));
        expect(await ledger.operations('team', [id])).toEqual([undefined]);
      });
    });

    describeKeptDeadLetters(() => ledger);

    describe('operations', () => {
      test('are found in their namespace only, in the order of the ids', async () => {
        const [known, unknown] = [randomUUID(), randomUUID()];
        const letter = deadLetterAt(9, { command_id: known, namespace: 'team', coord: '42,17' });
        await ledger.advance(moveTo(9, await claim(), { dead_letters: [letter] }));
        const found = await ledger.operations('team', [unknown, 'no uuid', known.toUpperCase()]);
        expect(found.map((operation) => operation?.operation_id)).toEqual([undefined, undefined, known]);
        expect(await ledger.operations('other', [known])).toEqual([undefined]);
      });

      test('of a reserved id stands before any that comes later', async () => {
        const id = { operation_id: randomUUID(), namespace: 'team', request_hash: 'h', issuer: 'someone' };
        expect(await ledger.reserve(id)).toBeUndefined();
        expect(await ledger.reserve({ ...id, request_hash: 'other' })).toMatchObject({
          ...id,
          topic: RESERVED,
        });
        expect(await ledger.operations('team', [id.operation_id])).toMatchObject([{ topic: RESERVED }]);
      });

      test('cannot be reserved away from the command that has it', async () => {
        const id = randomUUID();
        const letter = deadLetterAt(9, { command_id: id, namespace: 'team', coord: '42,17' });
        await ledger.advance(moveTo(9, await claim(), { dead_letters: [letter] }));
        const asked = { operation_id: id, namespace: 'team', request_hash: null, issuer: 'someone' };
        expect(await ledger.reserve(asked)).toMatchObject({ status: 'dead_lettered', position: 9 });
      });

      test('stay while their partitions come and go', async () => {
        const id = randomUUID();
        const letter = deadLetterAt(9, { command_id: id, namespace: 'team', coord: '42,17' });
        await ledger.advance(moveTo(9, await claim(), { dead_letters: [letter] }));
        expect(await ledger.maintain(KEEP)).toMatchObject({ created: 3, dropped: 0 });
        expect(await ledger.maintain(KEEP)).toMatchObject({ created: 0, dropped: 0 });
        expect(await ledger.operations('team', [id])).toMatchObject([{ operation_id: id }]);
      });
    });

    test('a log that is accepted has the next generation, and groups begin again', async () => {
      const before = await claim();
      await ledger.advance(moveTo(7, before));
      const generation = await ledger.acceptLog();
      expect(generation).toBe(before.generation + 1);
      expect((await ledger.installation()).generation).toBe(generation);
      expect(await claim()).toMatchObject({ generation, position: -1, fingerprint: null });
    });

    test('the installation is the same each time, with a secret of 32 bytes', async () => {
      const installation = await ledger.installation();
      expect(installation.secret).toHaveLength(32);
      expect(await ledger.installation()).toEqual(installation);
    });
  });
}
