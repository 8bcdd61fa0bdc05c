import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { DeadLetter, DeadLetterQuery } from '../dead-letter.js';
import type { Ledger } from '../port.js';
import { deadLetterAt, KEEP, moveTo } from './fixtures.js';

const ALL: DeadLetterQuery = {
  status: null,
  group: null,
  code: null,
  namespace: null,
  topic: null,
  before: null,
  limit: 100,
};

/** What operators see of dead letters and do with them. `current` gives the ledger of the running test. */
export function describeKeptDeadLetters(current: () => Ledger): void {
  describe('kept dead letters', () => {
    async function keep(...letters: DeadLetter[]): Promise<void> {
      const owner = await current().claim('writer', 'memory.commands', 0);
      await current().advance(moveTo(9, owner, { dead_letters: letters }));
    }
    const list = (query: Partial<DeadLetterQuery> = {}) => current().deadLetters({ ...ALL, ...query });
    const positions = async (query: Partial<DeadLetterQuery> = {}) =>
      (await list(query)).map(({ position }) => position);
    async function onlyId(): Promise<number> {
      const [letter] = await list();
      if (letter === undefined) throw new Error('there is no dead letter');
      return letter.id;
    }

    test('are kept however long what claims to be an id or a namespace is', async () => {
      const endless = 'x'.repeat(10_000);
      await keep(deadLetterAt(4, { namespace: endless, coord: '42', command_id: endless }));
      expect(await list()).toMatchObject([{ position: 4, command_id: null, memory_key: null }]);
    });

    test('are open, with the canonical key of their memory, and without what the record holds in lists', async () => {
      const letter = deadLetterAt(4, { namespace: 'team', coord: '42.0,17.0', command_id: randomUUID() });
      await keep(letter);
      const { key, value, headers, ...entry } = letter;
      const kept = {
        memory_key: '42,17',
        status: 'open',
        changed_at: null,
        changed_by: null,
        redriven_to: null,
        erased_at: null,
      };
      const [listed] = await list();
      expect(listed).toEqual({ ...entry, ...kept, id: expect.any(Number) });
      expect(await current().deadLetter(listed?.id ?? 0)).toEqual({ ...listed, key, value, headers });
      expect(await current().deadLetter((listed?.id ?? 0) + 1)).toBeUndefined();
    });

    test('are listed newest first, page by page', async () => {
      await keep(deadLetterAt(1), deadLetterAt(2), deadLetterAt(3));
      const first = await list({ limit: 2 });
      expect(first.map(({ position }) => position)).toEqual([3, 2]);
      expect(await positions({ before: first[1]?.id ?? 0 })).toEqual([1]);
    });

    test.each<[keyof DeadLetterQuery & keyof DeadLetter, string]>([
      ['group', 'indexer'],
      ['topic', 'graph.commands'],
      ['code', 'unknown_schema'],
      ['namespace', 'team'],
    ])('are listed by %s', async (field, value) => {
      await keep(deadLetterAt(1), deadLetterAt(2, { [field]: value }));
      expect(await positions({ [field]: value })).toEqual([2]);
      expect(await positions({ [field]: 'another' })).toEqual([]);
    });

    test('are settled once, by whom and where to is kept', async () => {
      await keep(deadLetterAt(4));
      const id = await onlyId();
      const redriven_to = { generation: 1, partition: 3, position: 70 };
      const redriven = { id, by: 'operator', redriven_to, force: false };
      expect(await current().settleDeadLetter(redriven)).toBe(true);
      expect(await list()).toMatchObject([
        { status: 'redriven', changed_by: 'operator', changed_at: expect.any(Number), redriven_to },
      ]);
      const discarded = { id, by: 'another', redriven_to: null, force: false };
      expect(await current().settleDeadLetter(discarded)).toBe(false);
      expect(await list({ status: 'redriven' })).toMatchObject([{ changed_by: 'operator', redriven_to }]);
      expect(await current().settleDeadLetter({ ...discarded, force: true })).toBe(true);
      expect(await list({ status: 'discarded' })).toMatchObject([
        { changed_by: 'another', redriven_to: null },
      ]);
      expect(await list({ status: 'open' })).toEqual([]);
      expect(await current().settleDeadLetter({ ...redriven, id: id + 1 })).toBe(false);
    });

    test('are counted by status and code', async () => {
      await keep(deadLetterAt(1), deadLetterAt(2), deadLetterAt(3, { code: 'unknown_schema' }));
      const id = (await list({ code: 'unknown_schema' }))[0]?.id ?? 0;
      await current().settleDeadLetter({ id, by: 'operator', redriven_to: null, force: false });
      expect(await current().countDeadLetters()).toEqual([
        { status: 'discarded', code: 'unknown_schema', count: 1 },
        { status: 'open', code: 'schema_mismatch', count: 2 },
      ]);
    });

    test('go after their days, except those that memory.dlq lacks', async () => {
      await keep(deadLetterAt(1), deadLetterAt(2), deadLetterAt(3, { recorded_at: Date.now() }));
      await current().markPublished([deadLetterAt(1), deadLetterAt(3)]);
      expect(await current().maintain(KEEP)).toMatchObject({ dead_letters: 1 });
      expect(await positions()).toEqual([3, 2]);
    });
  });
}
