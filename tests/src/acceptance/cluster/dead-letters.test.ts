import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HEADERS, MAX_RECORD_BYTES, recordKey, TOPICS } from '@soma/events';
import pg from 'pg';
import { until } from '../../system/index.js';
import { Client } from '../client.js';
import { Operator, type DeadLetterEntry } from '../operator.js';
import { KafkaDoor, type SentRecord } from './kafka-door.js';

const LIMIT_MS = 60_000;
const JSON_RECORD = { [HEADERS.contentType]: 'application/json', [HEADERS.recordType]: 'StoreMemory' };
const operator = new Operator();

let door: KafkaDoor;
beforeAll(async () => {
  door = await KafkaDoor.open();
});
afterAll(() => door.close());

/** A record that is refused, and what is known of it from outside. */
interface Poison {
  what: string;
  code: string;
  record(about: { client: Client; id: string; key: string }): SentRecord;
  /** The namespace it names, when that is not the client's. */
  namespace?: string;
}

const storeRecord = (client: Client, id: string, changes: object = {}) =>
  JSON.stringify({ command_id: id, namespace: client.namespace, coord: 'm', payload: '{}', ...changes });

const POISONS: Poison[] = [
  {
    what: 'undecodable bytes',
    code: 'undecodable_record',
    record: ({ id, key }) => ({ key, value: randomBytes(40), headers: { [HEADERS.commandId]: id } }),
  },
  {
    what: 'an unknown schema id',
    code: 'unknown_schema',
    record: ({ id, key }) => ({
      key,
      value: Buffer.concat([Buffer.from([0, 0x7f, 1, 2, 3]), randomBytes(20)]),
      headers: { [HEADERS.commandId]: id },
    }),
  },
  {
    what: 'a field of another type',
    code: 'schema_mismatch',
    record: ({ client, id, key }) => ({
      key,
      value: storeRecord(client, id, { payload: 7 }),
      headers: JSON_RECORD,
    }),
  },
  {
    what: 'a record of another topic',
    code: 'schema_mismatch',
    record: ({ client, id, key }) => ({
      key,
      value: JSON.stringify({
        type: 'UnlinkMemories',
        command_id: id,
        namespace: client.namespace,
        from_coord: 'm',
        to_coord: 'n',
      }),
      headers: { [HEADERS.contentType]: 'application/json' },
    }),
  },
  {
    what: 'a bad coord',
    code: 'invalid_coord',
    record: ({ client, id, key }) => ({
      key,
      value: storeRecord(client, id, { coord: '1,,2' }),
      headers: JSON_RECORD,
    }),
  },
  {
    what: 'a payload over its limit',
    code: 'payload_too_large',
    record: ({ client, id, key }) => ({
      key,
      value: storeRecord(client, id, { payload: JSON.stringify({ text: 'x'.repeat(300_000) }) }),
      headers: JSON_RECORD,
    }),
  },
  {
    what: 'a namespace of the wrong form',
    code: 'invalid_request',
    namespace: 'Not A Namespace',
    record: ({ client, id, key }) => ({
      key,
      value: storeRecord(client, id, { namespace: 'Not A Namespace' }),
      headers: JSON_RECORD,
    }),
  },
];

/** Sends a record with a sound one behind it, and waits until both are worked off. */
async function refuse(poison: Poison, client = new Client()) {
  const id = randomUUID();
  const key = recordKey(client.namespace, 'm');
  const record = poison.record({ client, id, key });
  const behind = {
    key,
    value: storeRecord(client, randomUUID(), { coord: 'behind' }),
    headers: JSON_RECORD,
  };
  const partition = await door.send(TOPICS.memoryCommands, record, behind);
  const letter = await until('the dead letter', LIMIT_MS, () => letterOf(id));
  await until('what is behind it', LIMIT_MS, async () => (await client.get('behind')).status === 200);
  return { client, id, key, partition, letter, value: Buffer.from(record.value) };
}

async function letterOf(commandId: string): Promise<DeadLetterEntry | undefined> {
  const { dead_letters } = (await operator.list({ topic: TOPICS.memoryCommands, limit: '200' })).body;
  return dead_letters.find(({ command_id }) => command_id === commandId);
}

const operationOf = (client: Client, id: string) =>
  client.call<{ status: string; error?: { code: string } }>('GET', `/operations/${id}`);

describe.each(POISONS)('$what', (poison) => {
  test('is listed with its reason and bytes, copied to memory.dlq, ends its operation and blocks nothing', async () => {
    const { client, id, partition, letter, value } = await refuse(poison);
    const namespace = poison.namespace ?? client.namespace;
    expect(letter).toMatchObject({
      status: 'open',
      group: 'writer',
      topic: TOPICS.memoryCommands,
      partition,
      code: poison.code,
      namespace,
      command_id: id,
    });
    expect((await operator.show(letter.id)).body.dead_letter.value_base64).toBe(value.toString('base64'));

    const place = `${letter.topic}/${partition}/${letter.position}`;
    const copy = await until('its copy in memory.dlq', LIMIT_MS, () =>
      door.deadLetters.find(({ headers }) => headers[HEADERS.deadLetterPosition] === place),
    );
    expect(copy.value?.equals(value)).toBe(true);
    expect(copy.headers).toMatchObject({
      [HEADERS.deadLetterGroup]: 'writer',
      [HEADERS.deadLetterCode]: poison.code,
      [HEADERS.deadLetterAttempts]: '1',
    });

    const ended = await operationOf(client, id);
    // A namespace that cannot be named cannot be asked in.
    if (poison.namespace !== undefined) expect(ended.status).toBe(404);
    else expect(ended).toMatchObject({ status: 200, body: { status: 'dead_lettered', error: {} } });
  });
});

test('a record as large as the log takes is kept whole in Postgres, and memory.dlq tells of it', async () => {
  const client = new Client();
  const key = recordKey(client.namespace, 'm');
  const value = Buffer.alloc(MAX_RECORD_BYTES - 300, 'x');
  await door.send(TOPICS.memoryCommands, { key, value });
  const letter = await until('the dead letter', LIMIT_MS, async () => {
    return (await operator.letters({ namespace: client.namespace }))[0];
  });
  const shown = (await operator.show(letter.id)).body.dead_letter.value_base64;
  expect(Buffer.from(shown ?? '', 'base64').equals(value)).toBe(true);
  const place = `${letter.topic}/${letter.partition}/${letter.position}`;
  const copy = await until('its copy in memory.dlq', LIMIT_MS, () =>
    door.deadLetters.find(({ headers }) => headers[HEADERS.deadLetterPosition] === place),
  );
  expect(copy).toMatchObject({ value: null, headers: { [HEADERS.deadLetterCut]: 'true' } });
});

test('an event that nobody can read is a dead letter of each group that follows, and blocks nothing', async () => {
  const client = new Client();
  const key = recordKey(client.namespace, 'm');
  const partition = await door.send(TOPICS.memoryEvents, { key, value: 'garbage' });
  await client.remember('m', 'words behind the garbage');
  const found = await until('the letters of all groups', LIMIT_MS, async () => {
    const letters = await operator.letters({ topic: TOPICS.memoryEvents, namespace: client.namespace });
    return letters.length === 3 && letters;
  });
  expect(found.map(({ group }) => group).sort()).toEqual(['cache-invalidator', 'graph', 'indexer']);
  expect(found.every((letter) => letter.partition === partition)).toBe(true);
  for (const { id } of found) {
    expect((await operator.discard(id)).body.dead_letter.status).toBe('discarded');
  }
});

test('a rewind over dead letters changes nothing', async () => {
  const [poison] = POISONS;
  if (poison === undefined) throw new Error('there is no poison');
  const { client, id, letter, partition } = await refuse(poison);
  const before = await operator.show(letter.id);
  const memory = (await client.get('behind')).body;
  const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
  const pool = new pg.Pool({ connectionString: settings['SOMA_POSTGRES_URL'], max: 1 });
  try {
    const standing = async () => {
      const { rows } = await pool.query<{ position: string }>(
        `select position from progress where group_name = 'writer' and topic = $1 and partition = $2`,
        [TOPICS.memoryCommands, partition],
      );
      return Number(rows[0]?.position);
    };
    const reached = await standing();
    await pool.query(
      `update progress set position = -1, fingerprint = null
       where group_name = 'writer' and topic = $1 and partition = $2`,
      [TOPICS.memoryCommands, partition],
    );
    // The writer notices at its next batch that it was put back, and reads everything again.
    const next = {
      key: recordKey(client.namespace, 'm'),
      value: storeRecord(client, randomUUID()),
      headers: JSON_RECORD,
    };
    await door.send(TOPICS.memoryCommands, next);
    await until('the partition to be read again', LIMIT_MS, async () => (await standing()) > reached);
  } finally {
    await pool.end();
  }
  expect((await operator.letters({ namespace: client.namespace })).map((entry) => entry.id)).toEqual([
    letter.id,
  ]);
  expect((await operator.show(letter.id)).body.dead_letter).toEqual({
    ...before.body.dead_letter,
    current: expect.anything(),
  });
  expect((await operationOf(client, id)).body.status).toBe('dead_lettered');
  expect((await client.get('behind')).body).toEqual(memory);
});
