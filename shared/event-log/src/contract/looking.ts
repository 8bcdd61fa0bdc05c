import { describe, expect, test } from '@jest/globals';
import { fingerprintOf } from '@soma/events';
import type { LogRecord } from '../port.js';
import { proveLog } from '../prove.js';
import { appendTexts, endOf, eventually, Reader } from './fixture.js';
import type { OpenLogs } from './fixture.js';

const TOPIC = 'graph.commands';

export function describeLooking(logs: OpenLogs): void {
  describe('looking', () => {
    test('bounds say what is held and what comes next', async () => {
      const of = { topic: TOPIC, partition: 2 } as const;
      const before = await endOf(logs.log, of);
      await appendTexts(logs.log, of, ['a', 'b']);
      const bounds = await logs.other.bounds(TOPIC);
      expect(bounds.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3]);
      expect(bounds.find(({ partition }) => partition === 2)).toEqual({
        partition: 2,
        start: 0,
        end: before + 2,
      });
    });

    test('read gives one record by its position, and nothing where there is none', async () => {
      const of = { topic: TOPIC, partition: 0 } as const;
      const [first = 0, second = 0] = await appendTexts(logs.log, of, ['first', 'second', 'third']);
      expect((await logs.other.read(TOPIC, 0, first))?.value?.toString()).toBe('first');
      expect(await logs.other.read(TOPIC, 0, second)).toMatchObject({
        topic: TOPIC,
        partition: 0,
        position: second,
        key: 'key of second',
        headers: { about: 'second' },
      });
      expect(await logs.other.read(TOPIC, 0, second + 2)).toBeUndefined();
      expect(await logs.other.read(TOPIC, 0, second + 1_000)).toBeUndefined();
    });

    test('a scan gives every record of a range once', async () => {
      const of = { topic: TOPIC, partition: 0 } as const;
      const texts = Array.from({ length: 1_500 }, (_, n) => `scanned ${n}`);
      const positions = await appendTexts(logs.log, of, texts);
      // More than one batch can hold: each text is key, value and header.
      const large = 'x'.repeat(600_000);
      await appendTexts(logs.log, of, Array<string>(8).fill(large));
      const range = { partition: 0, start: positions[10] ?? 0, end: await endOf(logs.log, of) };
      const scanned: LogRecord[] = [];
      for await (const records of logs.other.scan(TOPIC, range)) {
        expect(records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThan(8_000_000);
        scanned.push(...records);
      }
      const read = scanned.map(({ value }) => value?.toString() ?? '');
      expect(read.filter((text) => text !== large)).toEqual(texts.slice(10));
      expect(read.filter((text) => text === large)).toHaveLength(8);
      expect(scanned[0]).toMatchObject({ topic: TOPIC, partition: 0, position: positions[10] });
      expect(scanned[0]).toMatchObject({ key: 'key of scanned 10', headers: { about: 'scanned 10' } });
    });

    test('a scan ends with its range, and has nothing to say of an empty one', async () => {
      const of = { topic: TOPIC, partition: 2 } as const;
      await appendTexts(logs.log, of, ['before']);
      const end = await endOf(logs.log, of);
      const seen: number[] = [];
      for await (const records of logs.log.scan(TOPIC, { partition: 2, start: 0, end })) {
        seen.push(...records.map(({ position }) => position));
        await appendTexts(logs.log, of, ['after']);
      }
      expect(seen.at(-1)).toBe(end - 1);
      for await (const records of logs.log.scan(TOPIC, { partition: 2, start: end, end })) {
        expect(records).toBeUndefined();
      }
    });

    test('a log is proven by the record at a position', async () => {
      const of = { topic: TOPIC, partition: 3 } as const;
      const [position = 0] = await appendTexts(logs.log, of, ['known']);
      const record = await logs.log.read(TOPIC, 3, position);
      if (record === undefined) throw new Error('not there');
      const fingerprint = fingerprintOf(record);
      expect(await proveLog(logs.other, { ...of, position, fingerprint })).toBe('same');
      expect(
        await proveLog(logs.other, { ...of, position, fingerprint: fingerprint.replace(/./g, '0') }),
      ).toBe('replaced');
      expect(await proveLog(logs.other, { ...of, position: position + 1, fingerprint })).toBe('replaced');
    });

    test('answers a ping', async () => {
      await logs.log.ping(5_000);
    });

    test('a consumer tells its lag, and the log what its group committed', async () => {
      const of = { topic: TOPIC, partition: 1 } as const;
      const first = await endOf(logs.log, of);
      const reader = new Reader();
      reader.begin = ({ partition }) => (partition === 1 ? first : 0);
      const consumer = await reader.start(logs.log, [TOPIC]);
      await eventually('assignment', () => reader.holds().length === 4);
      reader.answer = (batch) =>
        batch.partition === 1
          ? { next: 'retry', position: first + 1, delayMs: 60_000 }
          : { next: 'advance', position: (batch.records.at(-1)?.position ?? 0) + 1 };
      await appendTexts(logs.other, of, ['a', 'b', 'c']);
      await eventually('the batch', () => reader.positions(1).length > 0);
      const lag = async (): Promise<number | undefined> =>
        (await consumer.lag()).find(({ partition }) => partition === 1)?.lag;
      await eventually('a lag of two', async () => (await lag()) === 2);
      expect(consumer.idleMs()).toBeLessThan(5_000);
      await consumer.stop();
      expect((await logs.log.committed(reader.group, TOPIC)).has(1)).toBe(false);
    });
  });
}
