import { deadLetterAt, moveTo } from '@soma/ledger/contract';
import { deleteCommand, storeCommand } from '@soma/memory-store/contract';
import { revisionOf } from '@soma/memory';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GraphFixture, linkBatchOf, linkCommand, unlinkCommand, type OpenedGraphStore } from './fixtures.js';

export function describeGraphWrites(create: () => Promise<OpenedGraphStore>): void {
  describe('links', () => {
    let opened: OpenedGraphStore;
    let fixture: GraphFixture;
    beforeEach(async () => {
      opened = await create();
      fixture = new GraphFixture(opened);
    });
    afterEach(() => opened.close());
    const claim = () => opened.ledger.claim('graph', 'graph.commands', 0);
    const around = async (key: string) => {
      const query = {
        namespace: 'team',
        user_id: null,
        key,
        link_type: null,
        direction: 'both',
        depth: 1,
        limit: 10,
      } as const;
      return (await opened.graph.neighbors(query)).links;
    };

    test('are made, replaced and removed, and their versions counted', async () => {
      await fixture.write(storeCommand('1.0'), storeCommand('b'));
      const applied = await fixture.link(
        linkCommand('1', 'b', { weight: 2, properties: { z: 1, a: [null] } }),
        linkCommand('1.0', 'b', { weight: 0.5 }),
        unlinkCommand('1', 'b'),
        unlinkCommand('1', 'b'),
        linkCommand('1', 'b', { weight: 3, properties: { z: 1, a: [null] } }),
      );
      expect(
        applied.map(({ operation: { version, created, deleted } }) => ({ version, created, deleted })),
      ).toEqual([
        { version: 1, created: true, deleted: null },
        { version: 2, created: false, deleted: null },
        { version: 3, created: false, deleted: true },
        { version: null, created: false, deleted: false },
        { version: 1, created: true, deleted: null },
      ]);
      expect(applied[0]?.operation).toMatchObject({
        coord: '1',
        topic: 'graph.commands',
        status: 'stored',
        memory_type: null,
      });
      const revision = revisionOf(1, 4);
      expect(await around('1')).toEqual([
        {
          namespace: 'team',
          from_key: '1',
          to_key: 'b',
          from_coord: '1',
          to_coord: 'b',
          link_type: 'related',
          weight: 3,
          properties: { z: 1, a: [null] },
          version: 1,
          revision,
          created_at: applied[4]?.operation.finished_at,
          updated_at: applied[4]?.operation.finished_at,
        },
      ]);
    });

    test('keep their first time when they are replaced', async () => {
      await fixture.write(storeCommand('a'), storeCommand('b'));
      const [first] = await fixture.link(linkCommand('a', 'b'));
      const [second] = await fixture.link(linkCommand('a', 'b', { weight: 9 }));
      expect(await around('a')).toMatchObject([
        {
          weight: 9,
          version: 2,
          created_at: first?.operation.finished_at,
          updated_at: second?.operation.finished_at,
        },
      ]);
    });

    test('of two types between the same memories are two', async () => {
      await fixture.write(storeCommand('a'), storeCommand('b'));
      await fixture.link(
        linkCommand('a', 'b'),
        linkCommand('a', 'b', { link_type: 'other type' }),
        unlinkCommand('a', 'b'),
      );
      expect(await around('a')).toMatchObject([{ link_type: 'other type' }]);
      const [applied] = await fixture.link(linkCommand('b', 'a', { link_type: 'other type' }));
      expect(applied?.operation).toMatchObject({ created: true, version: 1 });
    });

    test('have one effect an id, and none at or below progress', async () => {
      const owner = await claim();
      const command = linkCommand('a', 'b', { request_hash: 'one' });
      const first = await opened.graph.apply(linkBatchOf(owner, 0, [command]));
      const again = await opened.graph.apply(linkBatchOf(owner, 0, [command]));
      expect(again).toEqual(first);
      const elsewhere = [unlinkCommand('a', 'b'), command, { ...command, request_hash: 'two' }];
      const later = await opened.graph.apply(linkBatchOf(owner, 1, elsewhere));
      expect(later.map(({ replayed, operation }) => [replayed, operation.status])).toEqual([
        [false, 'stored'],
        [true, 'stored'],
        [true, 'rejected'],
      ]);
      expect(later[1]?.operation).toEqual(first[0]?.operation);
      expect(await opened.graph.totals()).toEqual({ links: 0 });
    });

    test('an owner that lost the partition changes nothing', async () => {
      const former = await claim();
      await claim();
      const lost = { code: 'ownership_lost' };
      await expect(opened.graph.apply(linkBatchOf(former, 0, [linkCommand('a', 'b')]))).rejects.toMatchObject(
        lost,
      );
      expect(await opened.graph.totals()).toEqual({ links: 0 });
    });

    test('dead letters end their operations in the same transaction', async () => {
      const command = linkCommand('a', 'b');
      const letter = deadLetterAt(0, {
        group: 'graph',
        topic: 'graph.commands',
        command_id: command.command_id,
        namespace: 'team',
        coord: 'a',
      });
      const batch = linkBatchOf(await claim(), 1, [command], { dead_letters: [letter] });
      expect(await opened.graph.apply(batch)).toMatchObject([
        { replayed: true, operation: { status: 'dead_lettered' } },
      ]);
      expect(await opened.ledger.unpublishedDeadLetters('graph', 'graph.commands', 0, 9)).toEqual([letter]);
    });

    describe('of a sender that is bound to a user', () => {
      const bound = { bound_to_user: 'ann' };
      const statusOf = async (...commands: Parameters<typeof fixture.link>) =>
        (await fixture.link(...commands)).map(({ operation: { status, deleted, error } }) => [
          error?.code ?? status,
          deleted,
        ]);
      beforeEach(() =>
        fixture.write(
          storeCommand('a', { user_id: 'ann' }),
          storeCommand('b', { user_id: 'ann' }),
          storeCommand('bob', { user_id: 'bob' }),
          storeCommand('nobody'),
          storeCommand('past', { user_id: 'ann', expires_at: 1000 }),
        ),
      );

      test('are made and removed between live memories of that user', async () => {
        expect(await statusOf(linkCommand('a', 'b', bound))).toEqual([['stored', null]]);
        expect(await around('a')).toHaveLength(1);
        expect(await statusOf(unlinkCommand('a', 'b', bound))).toEqual([['stored', true]]);
      });

      test('are never made to what it does not see, whether there is something or not', async () => {
        for (const end of ['bob', 'nobody', 'past', 'free']) {
          expect(await statusOf(linkCommand('a', end, bound), linkCommand(end, 'a', bound))).toEqual([
            ['memory_not_found', null],
            ['memory_not_found', null],
          ]);
        }
        expect(await opened.graph.totals()).toEqual({ links: 0 });
      });

      test('of others are neither replaced nor removed', async () => {
        await fixture.link(linkCommand('a', 'bob', { weight: 2 }));
        expect(
          await statusOf(linkCommand('a', 'bob', { ...bound, weight: 9 }), unlinkCommand('a', 'bob', bound)),
        ).toEqual([
          ['memory_not_found', null],
          ['stored', false],
        ]);
        expect(await around('a')).toMatchObject([{ weight: 2 }]);
      });
    });

    describe('of a deleted memory', () => {
      test('go at both ends, in its namespace only', async () => {
        await fixture.write(storeCommand('a'), storeCommand('b'), storeCommand('c'));
        await fixture.link(
          linkCommand('a', 'b'),
          linkCommand('c', 'a'),
          linkCommand('b', 'c'),
          linkCommand('a', 'a'),
        );
        await fixture.link(linkCommand('a', 'b', { namespace: 'other' }));
        const [deleted] = await fixture.write(deleteCommand('a'));
        const revision = deleted?.state?.revision ?? 0;
        expect(await fixture.removeLinksOf('a', revision)).toEqual({ removed: 3 });
        expect(await fixture.removeLinksOf('a', revision)).toEqual({ removed: 0 });
        expect(await around('b')).toMatchObject([{ from_key: 'b', to_key: 'c' }]);
        expect(await fixture.removeLinksOf('a', revision, 'other')).toEqual({ removed: 1 });
      });

      test('stay when they were made after the deletion', async () => {
        await fixture.write(storeCommand('a'), storeCommand('b'));
        const [deleted] = await fixture.write(deleteCommand('a'));
        await fixture.link(linkCommand('a', 'b'), linkCommand('b', 'a'));
        expect(await fixture.removeLinksOf('a', deleted?.state?.revision ?? 0)).toEqual({ removed: 0 });
        await fixture.write(storeCommand('a'));
        expect(await around('a')).toHaveLength(2);
      });

      test('go although they named it before it was there', async () => {
        await fixture.link(linkCommand('a', 'b'));
        await fixture.write(storeCommand('a'), storeCommand('b'));
        expect(await around('a')).toHaveLength(1);
        const [deleted] = await fixture.write(deleteCommand('b'));
        expect(await fixture.removeLinksOf('b', deleted?.state?.revision ?? 0)).toEqual({ removed: 1 });
      });

      test('stay, with progress where it was, for who lost the partition', async () => {
        await fixture.link(linkCommand('a', 'b'));
        const former = await opened.ledger.claim('graph', 'memory.events', 0);
        await opened.ledger.claim('graph', 'memory.events', 0);
        const move = moveTo(5, former, { group: 'graph', topic: 'memory.events', command_position: 3 });
        const deletions = [{ namespace: 'team', key: 'a', revision: revisionOf(1, 9) }];
        await expect(opened.graph.removeLinksOf(deletions, move)).rejects.toMatchObject({
          code: 'ownership_lost',
        });
        expect(await opened.graph.totals()).toEqual({ links: 1 });
        const owner = await opened.ledger.claim('graph', 'memory.events', 0);
        await opened.graph.removeLinksOf(deletions, { ...move, epoch: owner.epoch });
        const progress = await opened.ledger.progress();
        expect(progress.find(({ topic }) => topic === 'memory.events')).toMatchObject({
          position: 5,
          command_position: 3,
        });
      });
    });
  });
}
