import { expect, test } from '@jest/globals';
import type { Broker } from 'kafkajs';
import { readRecord, type Asking } from './read.js';

/** Answers of brokers, in the order in which they are asked; the last one stays. */
function leadersThatAnswer(...answers: (readonly number[] | 'out of range')[]) {
  let asked = 0;
  const fetch = (): Promise<unknown> => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    if (answer === 'out of range')
      return Promise.reject(Object.assign(new Error(answer), { name: 'KafkaJSOffsetOutOfRange' }));
    const messages = answer.map((offset) => ({
      offset: String(offset),
      key: null,
      value: null,
      headers: {},
    }));
    return Promise.resolve({ responses: [{ partitions: [{ messages }] }] });
  };
  const leaders = {
    refreshed: 0,
    refresh: () => {
      leaders.refreshed += 1;
      return Promise.resolve();
    },
    brokerOf: () => Promise.resolve({ fetch } as unknown as Broker),
  };
  return leaders;
}

const read = (leaders: Asking) => readRecord(leaders, 'topic', 'memory.commands', 0, 7);

test('a record is read with one question', async () => {
  const leaders = leadersThatAnswer([6, 7, 8]);
  expect(await read(leaders)).toMatchObject({ position: 7 });
  expect(leaders.refreshed).toBe(0);
});

test.each([[[]], [[5, 6]], ['out of range' as const]])(
  'who led the partition before and has not got it yet (%j) does not make it absent',
  async (before) => {
    const leaders = leadersThatAnswer(before, [7]);
    expect(await read(leaders)).toMatchObject({ position: 7 });
    expect(leaders.refreshed).toBe(1);
  },
);

test.each([[[]], ['out of range' as const]])('it is absent where %j stays the answer', async (answer) => {
  expect(await read(leadersThatAnswer(answer))).toBeUndefined();
});
