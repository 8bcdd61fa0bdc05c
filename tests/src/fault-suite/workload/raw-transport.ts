import { createPostgresLog } from '@soma/event-log/postgres';
import { TOPICS, type Topic } from '@soma/events';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import kafkajs from 'kafkajs';
import type { RawRecord } from './raw-records.js';

/** A way into the log beside the gateway. */
export interface RawTransport {
  partitions: number;
  /** What the checkers read back of memory.dlq: of the log in Postgres nothing. */
  takesPoison: boolean;
  /** Rejects when it is not known whether they were taken. */
  send(records: readonly RawRecord[]): Promise<void>;
  close(): Promise<void>;
}

export async function overKafka(brokers: readonly string[]): Promise<RawTransport> {
  const kafka = new kafkajs.Kafka({
    clientId: 'another-system',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);
  const { topics } = await admin.fetchTopicMetadata({ topics: [TOPICS.memoryCommands] });
  await admin.disconnect();
  return {
    partitions: topics[0]?.partitions.length ?? 1,
    takesPoison: true,
    send: async (records) => {
      const messages = records.map(({ key, value, headers, partition }) => ({
        key,
        value,
        headers,
        ...(partition === undefined ? {} : { partition }),
      }));
      await producer.send({ topic: TOPICS.memoryCommands, acks: -1, timeout: 10_000, messages });
    },
    close: async () => {
      await producer.disconnect().catch(() => undefined);
    },
  };
}

/** Another process beside the standalone one, appending to the same partitions of its log. */
export async function overPostgres(url: string): Promise<RawTransport> {
  const pool = createPool({ url, maxConnections: 2, applicationName: 'another system' }, () => undefined);
  const logger = createLogger({ service: 'another-system', level: 'silent', format: 'json' });
  const { rows } = await pool.query<{ count: number }>(COUNT_PARTITIONS, [TOPICS.memoryCommands]);
  const log = createPostgresLog({ pool, url, logger, partitions: rows[0]?.count ?? 1 });
  return {
    partitions: log.partitions(TOPICS.memoryCommands),
    takesPoison: false,
    send: async (records) => {
      const results = await log.append(
        records.map((record) => ({ ...record, topic: record.topic as Topic })),
      );
      for (const result of results) if (!result.ok) throw result.error;
    },
    close: async () => {
      await log.close();
      await pool.end();
    },
  };
}

const COUNT_PARTITIONS = 'select count(*) from log_partitions where topic = $1';
