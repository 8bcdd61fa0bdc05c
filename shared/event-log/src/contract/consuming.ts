import { describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import type { BatchVerdict } from '../port.js';
import type { OpenLogs } from './fixture.js';
import { advance, appendTexts, endOf, endsOf, eventually, gate, Reader } from './fixture.js';

const TOPIC = 'memory.events';

export function describeConsuming(logs: OpenLogs): void {
  /** A reader that begins at the ends of all partitions. */
  async function readerAtEnd(group?: string): Promise<Reader> {
    const ends = await endsOf(logs.log, TOPIC);
    const reader = new Reader(group);
    reader.begin = ({ partition }) => ends.get(partition) ?? 0;
    return reader;
  }

  describe('consuming', () => {
    test('begins exactly where the subscriber says, before, at or behind what its group committed', async () => {
      const of = { topic: TOPIC, partition: 0 } as const;
      const [first = 0] = await appendTexts(logs.log, of, ['a', 'b', 'c', 'd']);
      let group: string | undefined;
      for (const [skipped, left] of [
        [2, 'cd'],
        [0, 'abcd'],
        [3, 'd'],
        [1, 'bcd'],
      ] as const) {
        const reader: Reader = await readerAtEnd(group);
        group = reader.group;
        reader.begin = ({ partition }) => (partition === 0 ? first + skipped : 0);
        const consumer = await reader.start(logs.other, [TOPIC]);
        await eventually('the records', () => reader.texts(0).length >= left.length);
        expect(reader.texts(0).join('')).toBe(left);
        await consumer.stop();
        expect((await logs.log.committed(group, TOPIC)).get(0)).toBe(first + 4);
      }
    });

    test('hands nothing over before it knows where to begin, and asks again after a refusal', async () => {
      const reader = await readerAtEnd();
      const at = reader.begin;
      let refusals = 0;
      const allowed = gate();
      reader.begin = async (of) => {
        if (of.partition !== 0) return at(of);
        refusals += 1;
        if (refusals < 3) throw new SomaError('store_unavailable', 'not yet');
        await allowed.opened;
        return at(of);
      };
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['held']);
      await appendTexts(logs.log, { topic: TOPIC, partition: 1 }, ['free']);
      await eventually('the other partition', () => reader.texts(1).length === 1);
      await eventually('three questions', () => refusals === 3);
      expect(reader.texts(0)).toEqual([]);
      allowed.open();
      await eventually('the first partition', () => reader.texts(0).length === 1);
      await consumer.stop();
    });

    test('retries from the position that the verdict names while other partitions go on', async () => {
      const reader = await readerAtEnd();
      const first = await endOf(logs.log, { topic: TOPIC, partition: 0 });
      let failing = true;
      reader.answer = (batch) =>
        batch.partition === 0 && failing
          ? { next: 'retry', position: first + 1, delayMs: 50 }
          : advance(batch);
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['a', 'b', 'c']);
      await eventually('several tries', () => reader.texts(0).filter((text) => text === 'b').length > 3);
      await appendTexts(logs.log, { topic: TOPIC, partition: 1 }, ['free']);
      await eventually('the other partition', () => reader.texts(1).length === 1);
      failing = false;
      await eventually(
        'the end',
        async () => (await consumer.lag()).reduce((sum, { lag }) => sum + lag, 0) === 0,
      );
      const texts = reader.texts(0).join('');
      expect(texts).toMatch(/^abc(bc)+$/);
      await consumer.stop();
    });

    test('hands the rest over again after an advance into the midst of a batch', async () => {
      const reader = await readerAtEnd();
      reader.answer = (batch) => ({ next: 'advance', position: (batch.records[0]?.position ?? 0) + 1 });
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, { topic: TOPIC, partition: 2 }, ['a', 'b', 'c']);
      await eventually(
        'the last',
        () => reader.batches.at(-1)?.records.length === 1 && reader.texts(2).at(-1) === 'c',
      );
      expect(reader.texts(2).join('')).toMatch(/bcc$/);
      await consumer.stop();
    });

    test('hands over no more records at once than asked for', async () => {
      const reader = await readerAtEnd();
      const consumer = await reader.start(logs.log, [TOPIC], { maxRecords: 7 });
      await appendTexts(
        logs.log,
        { topic: TOPIC, partition: 3 },
        Array.from({ length: 30 }, (_, index) => `${index}`),
      );
      await eventually('all of them', () => reader.texts(3).length === 30);
      expect(reader.texts(3)).toEqual(Array.from({ length: 30 }, (_, index) => `${index}`));
      expect(Math.max(...reader.batches.map(({ records }) => records.length))).toBeLessThanOrEqual(7);
      await consumer.stop();
    });

    test('delivers nothing more of a halted partition, and goes on with the others', async () => {
      const reader = await readerAtEnd();
      reader.answer = (batch) => (batch.partition === 0 ? { next: 'halt' } : advance(batch));
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['poison']);
      await eventually('the poison', () => reader.texts(0).length === 1);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['after']);
      for (const text of ['one', 'two', 'three']) {
        await appendTexts(logs.log, { topic: TOPIC, partition: 1 }, [text]);
        await eventually(text, () => reader.texts(1).at(-1) === text);
      }
      expect(reader.texts(0)).toEqual(['poison']);
      await consumer.stop();
    });

    test('asks anew where to begin when the verdict, or the owner, says so, halted or not', async () => {
      const of = { topic: TOPIC, partition: 0 } as const;
      const reader = await readerAtEnd();
      const first = await endOf(logs.log, of);
      const at = reader.begin;
      let verdict: BatchVerdict | undefined = { next: 'reassign', delayMs: 10 };
      reader.answer = (batch) => verdict ?? advance(batch);
      reader.begin = (place) => {
        if (place.partition !== 0) return at(place);
        if (reader.texts(0).length > 0) verdict = undefined;
        return first;
      };
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, of, ['a']);
      await eventually('the record again', () => reader.texts(0).join('') === 'aa');
      expect(reader.revocations).toContainEqual(of);

      verdict = { next: 'halt' };
      await appendTexts(logs.log, of, ['b']);
      await eventually('the halted record', () => reader.texts(0).join('') === 'aab');
      consumer.reassign(of);
      await eventually('both again', () => reader.texts(0).join('') === 'aabab');
      await consumer.stop();
    });

    test('a slow batch does not hold up other partitions, and none overtakes it in its own', async () => {
      const reader = await readerAtEnd();
      const done = gate();
      let running = 0;
      reader.answer = async (batch) => {
        if (batch.partition !== 0) return advance(batch);
        running += 1;
        expect(running).toBe(1);
        await done.opened;
        await batch.heartbeat();
        running -= 1;
        return advance(batch);
      };
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['slow']);
      await eventually('the slow batch', () => reader.texts(0).length === 1);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['next']);
      for (const text of ['one', 'two']) {
        await appendTexts(logs.log, { topic: TOPIC, partition: 1 }, [text]);
        await eventually(text, () => reader.texts(1).at(-1) === text);
      }
      expect(reader.texts(0)).toEqual(['slow']);
      done.open();
      await eventually('the next', () => reader.texts(0).length === 2);
      expect(reader.crashes).toEqual([]);
      await consumer.stop();
    });

    test('dies when its subscriber rejects a batch, and says so once', async () => {
      const reader = await readerAtEnd();
      reader.answer = () => {
        throw new TypeError('a bug');
      };
      const consumer = await reader.start(logs.log, [TOPIC]);
      await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['a']);
      await eventually('the crash', () => reader.crashes.length > 0);
      await consumer.stop();
      expect(reader.crashes.map(({ message }) => message)).toEqual(['a bug']);
    });
  });
}
