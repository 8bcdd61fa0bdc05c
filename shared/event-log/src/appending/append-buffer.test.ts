import { describe, expect, test } from '@jest/globals';
import { unobserved } from '../log-options.js';
import type { NewRecord } from '../port.js';
import { AppendBuffer } from './append-buffer.js';

const TOPIC = 'memory.commands';

function bufferOf(limits: { maxRecords?: number; maxBytes?: number }): AppendBuffer {
  return new AppendBuffer({ limits, observer: unobserved, partitions: () => 2, onWaiting: () => undefined });
}

function records(count: number, partition = 0): NewRecord[] {
  return Array.from({ length: count }, () => ({
    topic: TOPIC,
    partition,
    key: 'k',
    value: Buffer.alloc(100),
    headers: {},
  }));
}

function settleAll(buffer: AppendBuffer): void {
  for (const queue of buffer.queues()) {
    for (const [position, waiting] of queue.take(Infinity, Infinity).entries()) {
      waiting.settle({ ok: true, topic: queue.topic, partition: queue.partition, position });
    }
  }
}

describe('AppendBuffer', () => {
  test.each([{ maxRecords: 3 }, { maxBytes: 300 }])(
    'refuses as overloaded past %j, and takes again below',
    async (limits) => {
      const buffer = bufferOf(limits);
      const first = buffer.append(records(5));
      expect(await buffer.append(records(1))).toMatchObject([
        { ok: false, error: { code: 'overloaded', retryable: true } },
      ]);
      settleAll(buffer);
      expect((await first).every(({ ok }) => ok)).toBe(true);
      const again = buffer.append(records(1));
      settleAll(buffer);
      expect(await again).toMatchObject([{ ok: true }]);
    },
  );

  test('answers at the deadline, and hands out nothing that nobody waits for', async () => {
    const buffer = bufferOf({});
    const late = await buffer.append(records(2), 20);
    expect(late).toMatchObject([
      { ok: false, error: { code: 'event_log_unavailable' } },
      { ok: false, error: { code: 'event_log_unavailable' } },
    ]);
    expect(buffer.queues().flatMap((queue) => queue.take(10, 10_000))).toEqual([]);
    expect(buffer.records).toBe(0);
  });

  test('results stand in the order of the records, whatever order they come in', async () => {
    const buffer = bufferOf({});
    const results = buffer.append([...records(1, 1), ...records(1, 0), ...records(1, 1)]);
    for (const queue of buffer.queues().sort((a, b) => a.partition - b.partition)) {
      for (const [position, waiting] of queue.take(9, 9_999).entries()) {
        waiting.settle({ ok: true, topic: TOPIC, partition: queue.partition, position });
      }
    }
    expect(await results).toMatchObject([
      { partition: 1, position: 0 },
      { partition: 0, position: 0 },
      { partition: 1, position: 1 },
    ]);
  });

  test('a queue gives at most so many records and bytes, but always one', async () => {
    const buffer = bufferOf({});
    const results = buffer.append(records(10));
    const [queue] = buffer.queues();
    const bytes = 229;
    const limits = [
      [1, Infinity],
      [100, 2 * bytes],
      [100, 1],
      [100, Infinity],
    ] as const;
    const taken = limits.map(([most, mostBytes]) => queue?.take(most, mostBytes) ?? []);
    expect(taken.map(({ length }) => length)).toEqual([1, 2, 1, 6]);
    for (const waiting of taken.flat()) waiting.settle({ ok: true, topic: TOPIC, partition: 0, position: 0 });
    await results;
  });

  test('answers what waits as shutting_down when it is closed', async () => {
    const buffer = bufferOf({});
    const waiting = buffer.append(records(1));
    buffer.close();
    expect(await waiting).toMatchObject([{ ok: false, error: { code: 'shutting_down' } }]);
    expect(await buffer.append(records(1))).toMatchObject([{ ok: false, error: { code: 'shutting_down' } }]);
  });

  test('a partition that is not there fails alone', async () => {
    const buffer = bufferOf({});
    const results = buffer.append([...records(1, 7), ...records(1)]);
    settleAll(buffer);
    expect(await results).toMatchObject([{ ok: false, error: { code: 'internal' } }, { ok: true }]);
  });
});
