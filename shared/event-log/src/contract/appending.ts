import { describe, expect, test } from '@jest/globals';
import { MAX_RECORD_BYTES, partitionOf } from '@soma/events';
import type { NewRecord } from '../port.js';
import type { OpenLogs } from './fixture.js';
import { appendTexts, endOf, eventually, positionOf, Reader, record } from './fixture.js';

const TOPIC = 'memory.commands';

export function describeAppending(logs: OpenLogs): void {
  describe('appending', () => {
    test('gives the records of a partition growing positions in the order given', async () => {
      const first = await endOf(logs.log, { topic: TOPIC, partition: 0 });
      expect(await appendTexts(logs.log, { topic: TOPIC, partition: 0 }, ['a', 'b', 'c'])).toEqual([
        first,
        first + 1,
        first + 2,
      ]);
      expect(await appendTexts(logs.other, { topic: TOPIC, partition: 0 }, ['d'])).toEqual([first + 3]);
    });

    test('sends a record where its key belongs, or where it says', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `namespace/${index},é`);
      const results = await logs.log.append(
        keys.map((key) => ({ topic: TOPIC, key, value: Buffer.from('x'), headers: {} })),
      );
      expect(results.map((result) => result.ok && result.partition)).toEqual(
        keys.map((key) => partitionOf(key, logs.log.partitions(TOPIC))),
      );
      const [placed] = await logs.log.append([{ ...record(TOPIC, 2, 'placed'), key: keys[0] ?? null }]);
      expect(placed).toMatchObject({ ok: true, partition: 2 });
    });

    test('keeps key, value, headers and time as they were, nothing among them', async () => {
      const odd: NewRecord = {
        topic: TOPIC,
        partition: 1,
        key: 'clé/"\\\n\0',
        value: Buffer.from([0, 255, 1]),
        headers: { 'a b': 'ü"\0' },
      };
      const empty: NewRecord = { topic: TOPIC, partition: 1, key: null, value: null, headers: {} };
      const before = Date.now() - 1_000;
      const positions = (await logs.log.append([odd, empty])).map(positionOf);
      const kept = await Promise.all(positions.map((position) => logs.other.read(TOPIC, 1, position)));
      expect(kept).toMatchObject([
        { ...odd, position: positions[0] },
        { ...empty, position: positions[1] },
      ]);
      expect(kept[0]?.timestamp).toBeGreaterThan(before);
      expect(kept[0]?.timestamp).toBeLessThan(Date.now() + 1_000);
    });

    test('refuses a record over the limit alone, and takes one just below it', async () => {
      const results = await logs.log.append([
        record(TOPIC, 3, 'before'),
        { ...record(TOPIC, 3, 'too large'), value: Buffer.alloc(MAX_RECORD_BYTES) },
        { ...record(TOPIC, 3, 'large'), value: Buffer.alloc(MAX_RECORD_BYTES - 512) },
        record(TOPIC, 3, 'after'),
      ]);
      expect(results.map((result) => result.ok || result.error.code)).toEqual([
        true,
        'record_too_large',
        true,
        true,
      ]);
    });

    test('takes a thousand records of 250 KiB in one append', async () => {
      const value = Buffer.alloc(250 * 1024, 'm');
      const large = Array.from({ length: 1_000 }, (_, index) => ({
        ...record('memory.dlq', index % 4, 'large'),
        value,
      }));
      const results = await logs.log.append(large, { timeoutMs: 60_000 });
      const positions = results.map(positionOf);
      for (const partition of [0, 1, 2, 3]) {
        const own = positions.filter((_, index) => index % 4 === partition);
        expect(own).toEqual(Array.from({ length: 250 }, (_, index) => (own[0] ?? 0) + index));
      }
    }, 90_000);

    test('carries two appends at once, each in its order', async () => {
      const of = { topic: TOPIC, partition: 0 } as const;
      const texts = (who: string): string[] => Array.from({ length: 600 }, (_, index) => `${who}${index}`);
      const [mine, theirs] = await Promise.all([
        appendTexts(logs.log, of, texts('mine')),
        appendTexts(logs.log, of, texts('theirs')),
      ]);
      expect(mine).toEqual([...mine].sort((a, b) => a - b));
      expect(theirs).toEqual([...theirs].sort((a, b) => a - b));
      expect(new Set([...mine, ...theirs]).size).toBe(1_200);
    });

    test('never lets a reader pass a position that is still being decided', async () => {
      const of = { topic: TOPIC, partition: 1 } as const;
      const first = await endOf(logs.log, of);
      const reader = new Reader();
      reader.begin = () => first;
      const consumer = await reader.start(logs.other, [TOPIC]);
      const writers = [logs.log, logs.other, logs.log, logs.other].map(async (log) => {
        for (let round = 0; round < 40; round += 1) await appendTexts(log, of, ['x', 'y', 'z']);
      });
      await Promise.all(writers);
      await eventually('all records', () => reader.positions(1).length >= 480);
      expect(reader.positions(1)).toEqual(Array.from({ length: 480 }, (_, index) => first + index));
      await consumer.stop();
    });
  });
}
