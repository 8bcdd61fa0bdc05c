import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fingerprintOf } from '@soma/events';
import { startKafka, type RunningKafka } from '@soma/testing';
import kafkajs, { type Admin } from 'kafkajs';
import { appendTexts, eventually, Reader, record } from '../contract/index.js';
import { silent } from '../contract/silent.js';
import type { EventLog } from '../port.js';
import { proveLog } from '../prove.js';
import { createKafkaLog, type KafkaLogConfig } from './index.js';

const TOPIC = 'memory.commands';
const PARTITIONS = 4;
const withKafka = process.env['SOMA_TEST_KAFKA_BROKERS'] === undefined ? describe.skip : describe;

withKafka('the event log in a Kafka with faults', () => {
  let kafka: RunningKafka;
  let admin: Admin;
  const logs: EventLog[] = [];

  beforeAll(async () => {
    // A dead broker is found after 3 s instead of 9.
    const settings = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };
    kafka = await startKafka({ brokers: 2, settings });
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    // Topics made before would be led by one broker alone.
    await eventually(
      'both brokers',
      async () => (await admin.describeCluster()).brokers.length === 2,
      60_000,
    );
  }, 90_000);
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await admin.disconnect();
    await kafka.stop();
  }, 60_000);

  function createLog(config: Partial<KafkaLogConfig> = {}): EventLog {
    const log = createKafkaLog({
      brokers: kafka.brokers,
      clientId: 'test',
      partitions: PARTITIONS,
      singleBroker: true,
      sessionTimeoutMs: 6_000,
      logger: silent,
      ...config,
    });
    logs.push(log);
    return log;
  }

  async function openLog(config: Partial<KafkaLogConfig> = {}): Promise<EventLog> {
    const log = createLog(config);
    await log.start();
    return log;
  }

  test('a leader that hangs delays only what is appended to its own partitions', async () => {
    const topicPrefix = `${randomUUID()}.`;
    const log = await openLog({ topicPrefix });
    const { topics } = await admin.fetchTopicMetadata({ topics: [`${topicPrefix}${TOPIC}`] });
    const partitions = topics.flatMap((topic) => topic.partitions);
    const ledBy = (broker: number): number[] =>
      partitions.filter(({ leader }) => leader === broker).map(({ partitionId }) => partitionId);
    const [free = -1] = ledBy(1);
    const [stuck = -1] = ledBy(2);
    expect(Math.min(free, stuck)).toBeGreaterThanOrEqual(0);
    // Connects to both.
    await log.append([record(TOPIC, free, 'before'), record(TOPIC, stuck, 'before')]);
    kafka.pause(1);
    try {
      const both = log.append([record(TOPIC, stuck, 'stuck'), record(TOPIC, free, 'free')], {
        timeoutMs: 25_000,
      });
      let waiting = true;
      void both.then(() => (waiting = false));
      for (let round = 0; round < 5; round += 1)
        await appendTexts(log, { topic: TOPIC, partition: free }, ['free']);
      expect(waiting).toBe(true);
      expect(await both).toMatchObject([
        { ok: false, error: { code: 'event_log_unavailable' } },
        { ok: true },
      ]);
    } finally {
      kafka.resume(1);
    }
    await eventually('the leader answers again', async () => {
      const [result] = await log.append([record(TOPIC, stuck, 'after')]);
      return result?.ok === true;
    });
  }, 60_000);

  test('appends and consumers go on when a broker is killed and comes back', async () => {
    const prefix = `${randomUUID()}.`;
    const log = await openLog({
      topicPrefix: prefix,
      groupPrefix: prefix,
      replication: 2,
      minInsyncReplicas: 1,
    });
    const reader = new Reader();
    const consumer = await reader.start(log, [TOPIC]);
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    const appendAll = async (): Promise<boolean[]> => {
      const records = keys.map(
        (key) => ({ topic: TOPIC, key, value: Buffer.from(key), headers: {} }) as const,
      );
      return (await log.append(records, { timeoutMs: 30_000 })).map(({ ok }) => ok);
    };
    expect(new Set(await appendAll())).toEqual(new Set([true]));
    await kafka.kill(1);
    expect(new Set(await appendAll())).toEqual(new Set([true]));
    await eventually('all records', () => reader.records.length >= 80, 40_000);
    await kafka.restart(1);
    expect(new Set(await appendAll())).toEqual(new Set([true]));
    await eventually('all records', () => reader.records.length >= 120, 40_000);
    expect(reader.crashes).toEqual([]);
    await consumer.stop();
  }, 120_000);

  test('a topic made anew under a consumer is asked about, not read from its start', async () => {
    const prefix = `${randomUUID()}.`;
    const log = await openLog({ topicPrefix: prefix, groupPrefix: prefix });
    const of = { topic: TOPIC, partition: 0 } as const;
    const positions = await appendTexts(log, of, ['a', 'b', 'c', 'd']);
    const position = positions.at(-1) ?? 0;
    const last = await log.read(TOPIC, 0, position);
    if (last === undefined) throw new Error('not there');
    const proof = { ...of, position, fingerprint: fingerprintOf(last) };
    const reader = new Reader();
    reader.begin = async ({ partition }) => {
      if (partition !== 0) return 0;
      const proven = await proveLog(log, proof);
      if (proven !== 'same') throw new Error(proven);
      return position + 1;
    };
    const consumer = await reader.start(log, [TOPIC]);
    await appendTexts(log, of, ['e']);
    await eventually('the record', () => reader.texts(0).length === 1);
    const asked = reader.assignments.filter(({ partition }) => partition === 0).length;

    await admin.deleteTopics({ topics: [`${prefix}${TOPIC}`] });
    const remade = await openLog({ topicPrefix: prefix, groupPrefix: prefix });
    await appendTexts(remade, of, ['x', 'y']);
    expect(await proveLog(remade, proof)).toBe('replaced');
    await eventually(
      'the question',
      () => reader.assignments.filter(({ partition }) => partition === 0).length > asked + 1,
      40_000,
    );
    expect(reader.texts(0)).toEqual(['e']);
    expect(reader.crashes).toEqual([]);
    await consumer.stop();
  }, 90_000);

  test('a reader that retention passes is asked again where to begin, which kafkajs would not tell', async () => {
    const prefix = `${randomUUID()}.`;
    const log = await openLog({ topicPrefix: prefix, groupPrefix: prefix });
    const of = { topic: TOPIC, partition: 1 } as const;
    const reader = new Reader();
    reader.answer = () => ({ next: 'retry', position: 1, delayMs: 500 });
    const consumer = await reader.start(log, [TOPIC]);
    await appendTexts(log, of, ['a', 'b', 'c', 'd']);
    await eventually('the first try', () => reader.texts(1).includes('b'));
    const asked = reader.assignments.length;
    // kafkajs deletes only where it has just looked.
    await admin.fetchTopicOffsets(`${prefix}${TOPIC}`);
    await admin.deleteTopicRecords({
      topic: `${prefix}${TOPIC}`,
      partitions: [{ partition: 1, offset: '3' }],
    });
    await eventually('the question', () => reader.assignments.length > asked);
    expect(reader.revocations).toEqual([of]);
    await eventually('what is left', () => reader.texts(1).at(-1) === 'd');
    await consumer.stop();
  }, 60_000);

  test('a topic with other settings is refused by name', async () => {
    const topicPrefix = `${randomUUID()}.`;
    await openLog({ topicPrefix });
    await openLog({ topicPrefix });
    await expect(createLog({ topicPrefix, partitions: 8 }).start()).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: `topic ${topicPrefix}memory.commands: partitions is 4, wanted 8`,
    });
    await expect(createLog({ topicPrefix, replication: 2 }).start()).rejects.toMatchObject({
      message: `topic ${topicPrefix}memory.commands: replication is 1, wanted at least 2`,
    });
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: `${topicPrefix}memory.events`,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });
    await expect(createLog({ topicPrefix }).start()).rejects.toMatchObject({
      message: `topic ${topicPrefix}memory.events: cleanup.policy is compact, wanted delete`,
    });
  }, 60_000);

  test('a Kafka that is not there is event_log_unavailable', async () => {
    const log = createLog({ brokers: ['127.0.0.1:1'] });
    await expect(log.start()).rejects.toMatchObject({ code: 'event_log_unavailable', retryable: true });
  }, 30_000);
});
