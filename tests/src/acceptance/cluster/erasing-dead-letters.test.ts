import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HEADERS, recordKey, TOPICS } from '@soma/events';
import type { JsonObject } from '@soma/memory';
import { until } from '../../system/index.js';
import { Client } from '../client.js';
import { ended, type JobAnswer } from '../job.js';
import { Operator } from '../operator.js';
import { Store } from '../store.js';
import { KafkaDoor } from './kafka-door.js';

let door: KafkaDoor;
let store: Store;
beforeAll(async () => {
  door = await KafkaDoor.open();
  store = new Store();
});
afterAll(async () => {
  await door.close();
  await store.close();
});

const JSON_RECORD = { [HEADERS.contentType]: 'application/json', [HEADERS.recordType]: 'StoreMemory' };

test('an erasure empties the dead letters of its memory, which stay listed; memory.dlq holds on until its time', async () => {
  const client = new Client();
  const operator = new Operator();
  const { namespace } = client;
  const word = `word${randomBytes(8).toString('hex')}`;
  const refused = {
    command_id: randomUUID(),
    namespace,
    coord: '42.0',
    payload: `{"text":"${word}"}`,
    tags: 7,
  };
  const astray = { ...refused, command_id: randomUUID(), tags: [], importance: 9 };
  const key = recordKey(namespace, '42');
  await door.send(TOPICS.memoryCommands, {
    key,
    value: JSON.stringify(refused),
    headers: { ...JSON_RECORD, note: word },
  });
  await door.send(TOPICS.memoryCommands, { key: word, value: JSON.stringify(astray), headers: JSON_RECORD });
  await door.send(TOPICS.memoryCommands, { key, value: `junk ${word}` });
  await until('three dead letters', 60_000, () => {
    const published = door.deadLetters.filter(({ value }) => value?.includes(word));
    return published.length === 3;
  });
  expect(await store.tablesHolding(word)).toEqual(['dead_letters']);

  const json = { namespace, coord: '42' };
  const erased = await ended(client, await client.call<{ job: JobAnswer }>('POST', '/admin/erase', { json }));
  expect(erased).toMatchObject({ state: 'done', result: { matched: 1, erased: 1, dead_letters_erased: 3 } });
  expect(await store.tablesHolding(word)).toEqual([]);
  const letters = await operator.letters({ namespace });
  expect(letters).toHaveLength(3);
  for (const letter of letters) {
    expect(letter).toMatchObject({ status: 'open', erased_at: expect.any(String) });
    expect((await operator.redrive(letter.id, true)).status).toBe(409);
  }

  const checking = await client.call<{ job: JobAnswer }>('POST', '/admin/erase/check', { json });
  const { result } = await ended(client, checking);
  expect(result).toMatchObject({
    clean: false,
    remaining: { dead_letters: 0, memories: 0, [TOPICS.memoryCommands]: 3, [TOPICS.deadLetters]: 3 },
  });
  const left = (result as JsonObject)['clean_by'] as string;
  expect(Date.parse(left)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
});
