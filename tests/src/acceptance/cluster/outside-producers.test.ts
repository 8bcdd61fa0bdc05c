import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HEADERS, partitionOf, recordKey, TOPICS } from '@soma/events';
import kafkajs, { type Consumer, type IHeaders, type Producer } from 'kafkajs';
import { until } from '../../system/index.js';
import { Client } from '../client.js';

const JSON_RECORD = { [HEADERS.contentType]: 'application/json', [HEADERS.recordType]: 'StoreMemory' };

describe('records of other producers', () => {
  let producer: Producer;
  let consumer: Consumer;
  let partitions: number;
  const deadLetters: { value: string; headers: IHeaders }[] = [];

  beforeAll(async () => {
    const kafka = new kafkajs.Kafka({
      brokers: (process.env['SOMA_ACCEPTANCE_KAFKA'] ?? '').split(','),
      logLevel: kafkajs.logLevel.NOTHING,
    });
    producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    const admin = kafka.admin();
    const metadata = await admin.fetchTopicMetadata({ topics: [TOPICS.memoryCommands] });
    await admin.disconnect();
    partitions = metadata.topics[0]?.partitions.length ?? 0;
    consumer = kafka.consumer({ groupId: `acceptance-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.subscribe({ topic: TOPICS.deadLetters, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        deadLetters.push({ value: message.value?.toString() ?? '', headers: message.headers ?? {} });
        return Promise.resolve();
      },
    });
  });
  afterAll(async () => {
    await consumer.disconnect();
    await producer.disconnect();
  });

  function store(client: Client, coord: string, payload: object, command_id = randomUUID()): string {
    return JSON.stringify({
      command_id,
      namespace: client.namespace,
      coord,
      payload: JSON.stringify(payload),
    });
  }

  function untilThere(client: Client, coord: string) {
    return until(`${coord} to be stored`, 15_000, async () => {
      const { status, body } = await client.get(coord);
      return status === 200 ? body.memory : undefined;
    });
  }

  test('a record in JSON becomes a memory that is read and found', async () => {
    const client = new Client();
    const key = recordKey(client.namespace, 'from-json');
    const value = store(client, 'from-json', { text: 'sent by another system' });
    await producer.send({
      topic: TOPICS.memoryCommands,
      acks: -1,
      messages: [{ key, value, headers: JSON_RECORD }],
    });
    expect(await untilThere(client, 'from-json')).toMatchObject({
      version: 1,
      text: 'sent by another system',
    });
    await until('the memory to be found', 15_000, async () => {
      return (await client.search({ query: 'another system' })).body.memories.length === 1;
    });
  });

  test('a record in the wrong partition takes effect once, in the order of its memory', async () => {
    const client = new Client();
    const key = recordKey(client.namespace, 'astray');
    const wrong = (partitionOf(key, partitions) + 1) % partitions;
    const value = store(client, 'astray', { n: 1 });
    await producer.send({
      topic: TOPICS.memoryCommands,
      acks: -1,
      messages: [{ key, value, partition: wrong, headers: JSON_RECORD }],
    });
    expect(await untilThere(client, 'astray')).toMatchObject({ version: 1, payload: { n: 1 } });
    const next = await client.put('astray', { payload: { n: 2 } });
    expect(next.body.version).toBe(2);
  });

  test('a record under another key and spelling reaches its memory', async () => {
    const client = new Client();
    await client.put('1,2', { payload: { n: 1 } });
    const value = store(client, '1.0,2.00', { n: 2 });
    await producer.send({
      topic: TOPICS.memoryCommands,
      acks: -1,
      messages: [{ key: 'whatever', value, headers: JSON_RECORD }],
    });
    await until('the second version', 15_000, async () => {
      return (await client.get('1,2')).body.memory.version === 2;
    });
  });

  test('the same command twice has one effect', async () => {
    const client = new Client();
    const key = recordKey(client.namespace, 'twice');
    const message = { key, value: store(client, 'twice', { n: 1 }), headers: JSON_RECORD };
    const last = { key, value: store(client, 'twice', { n: 2 }), headers: JSON_RECORD };
    await producer.send({ topic: TOPICS.memoryCommands, acks: -1, messages: [message, message, last] });
    await until('the last record', 15_000, async () => {
      const { status, body } = await client.get('twice');
      return status === 200 && body.memory.payload['n'] === 2;
    });
    expect((await client.get('twice')).body.memory.version).toBe(2);
  });

  test.each<[string, string, IHeaders, string]>([
    ['bytes that are no record', 'not a record at all', {}, 'undecodable_record'],
    ['JSON of no known record', '{"x": 1}', { [HEADERS.contentType]: 'application/json' }, 'unknown_schema'],
    ['JSON that misses a field', '{"namespace": "x"}', JSON_RECORD, 'schema_mismatch'],
    ['JSON that is cut off', '{"namespace": "x', JSON_RECORD, 'undecodable_record'],
  ])('%s go to the dead letters as they came and block nothing', async (_, garbage, headers, code) => {
    const client = new Client();
    const marked = `${garbage} `;
    const key = recordKey(client.namespace, 'behind');
    const partition = partitionOf(key, partitions);
    await producer.send({
      topic: TOPICS.memoryCommands,
      acks: -1,
      messages: [
        { key, value: marked, partition, headers },
        { key, value: store(client, 'behind', { n: 1 }), partition, headers: JSON_RECORD },
      ],
    });
    expect((await untilThere(client, 'behind')).version).toBe(1);
    const letter = await until('the dead letter', 15_000, () =>
      deadLetters.find(({ value }) => value === marked),
    );
    const headerValues = Object.values(letter.headers).map((value) => String(value));
    expect(headerValues).toContain(code);
  });

  test('a record that breaks a rule of memories is refused and blocks nothing', async () => {
    const client = new Client();
    const key = recordKey(client.namespace, 'refused');
    const partition = partitionOf(key, partitions);
    await producer.send({
      topic: TOPICS.memoryCommands,
      acks: -1,
      messages: [
        { key, value: store(client, 'not a coord', {}), partition, headers: JSON_RECORD },
        { key, value: store(client, 'refused', { n: 1 }), partition, headers: JSON_RECORD },
      ],
    });
    expect((await untilThere(client, 'refused')).version).toBe(1);
  });
});
