import { describe, expect, test } from '@jest/globals';
import { advance, appendTexts, endsOf, eventually, gate, Reader } from './fixture.js';
import type { OpenLogs } from './fixture.js';

const TOPIC = 'memory.events';

export function describeGroups(logs: OpenLogs): void {
  async function readersAtEnd(): Promise<[Reader, Reader]> {
    const ends = await endsOf(logs.log, TOPIC);
    const first = new Reader();
    const readers: [Reader, Reader] = [first, new Reader(first.group)];
    // Like a worker: a partition goes on where its group is, else at the end that this test began with.
    for (const reader of readers)
      reader.begin = ({ partition, committed }) => committed ?? ends.get(partition) ?? 0;
    return readers;
  }

  describe('groups', () => {
    test('two consumers share the partitions, and one takes over what the other leaves', async () => {
      const [one, two] = await readersAtEnd();
      const first = await one.start(logs.log, [TOPIC]);
      await eventually('the first holds all', () => one.holds().length === 4);
      const second = await two.start(logs.other, [TOPIC]);
      await eventually('they share', () => one.holds().length === 2 && two.holds().length === 2);
      expect([...one.holds(), ...two.holds()].sort()).toEqual([0, 1, 2, 3]);
      for (const partition of [0, 1, 2, 3])
        await appendTexts(logs.log, { topic: TOPIC, partition }, ['shared']);
      await eventually('each record once', () => one.records.length + two.records.length === 4);
      await first.stop();
      await eventually('the second holds all', () => two.holds().length === 4);
      for (const partition of [0, 1, 2, 3])
        await appendTexts(logs.log, { topic: TOPIC, partition }, ['taken over']);
      await eventually(
        'the records',
        () => two.records.filter((got) => got.headers['about'] === 'taken over').length === 4,
      );
      expect(two.records.filter((got) => got.headers['about'] === 'shared').length + one.records.length).toBe(
        4,
      );
      await second.stop();
    });

    test('a group that begins further on than it committed is committed there', async () => {
      const [one] = await readersAtEnd();
      const [position = 0] = await appendTexts(logs.log, { topic: TOPIC, partition: 2 }, ['done before']);
      one.begin = ({ partition }) => (partition === 2 ? position + 1 : 0);
      const consumer = await one.start(logs.log, [TOPIC]);
      await eventually(
        'the commit',
        async () => (await logs.log.committed(one.group, TOPIC)).get(2) === position + 1,
      );
      expect(one.texts(2)).toEqual([]);
      await consumer.stop();
    });

    test('a revoked partition is told of, and its running batch sees its signal aborted', async () => {
      const [one, two] = await readersAtEnd();
      const release = gate();
      one.answer = async (batch) => {
        await release.opened;
        return advance(batch);
      };
      const first = await one.start(logs.log, [TOPIC]);
      await eventually('the first holds all', () => one.holds().length === 4);
      for (const partition of [0, 1, 2, 3])
        await appendTexts(logs.log, { topic: TOPIC, partition }, ['running']);
      await eventually('four batches run', () => one.batches.length === 4);
      const second = await two.start(logs.other, [TOPIC]);
      await eventually('two are gone', () => one.holds().length === 2);
      const gone = [0, 1, 2, 3].filter((partition) => !one.holds().includes(partition));
      for (const partition of gone) {
        const batch = one.batches.find((running) => running.partition === partition);
        expect(batch?.signal.aborted).toBe(true);
        await expect(batch?.heartbeat()).rejects.toMatchObject({ code: 'ownership_lost' });
        expect(one.revocations).toContainEqual({ topic: TOPIC, partition });
      }
      one.answer = advance;
      release.open();
      await eventually('the other has them', () => two.holds().length === 2);
      await eventually('and reads them', () =>
        gone.every((partition) => two.texts(partition).includes('running')),
      );
      await Promise.all([first.stop(), second.stop()]);
    });

    test('a stop lets running batches finish and commits what they did', async () => {
      const [one] = await readersAtEnd();
      const release = gate();
      one.answer = async (batch) => {
        await release.opened;
        return advance(batch);
      };
      const consumer = await one.start(logs.log, [TOPIC]);
      await eventually('it holds all', () => one.holds().length === 4);
      const [position = 0] = await appendTexts(logs.log, { topic: TOPIC, partition: 1 }, ['running']);
      await eventually('the batch', () => one.batches.length === 1);
      let stopped = false;
      const stopping = consumer.stop().then(() => {
        stopped = true;
      });
      await eventually('the signal', () => one.batches[0]?.signal.aborted === true);
      await appendTexts(logs.log, { topic: TOPIC, partition: 1 }, ['late']);
      expect(stopped).toBe(false);
      release.open();
      await stopping;
      expect(one.texts(1)).toEqual(['running']);
      expect((await logs.log.committed(one.group, TOPIC)).get(1)).toBe(position + 1);
    });
  });
}
