import { randomUUID } from 'node:crypto';
import { partitionOf, TOPICS, type Topic } from '@soma/events';
import kafkajs, { type Consumer, type IHeaders, type Producer } from 'kafkajs';

/** A record of memory.dlq as other systems see it. */
export interface DeadLetterRecord {
  value: Buffer | null;
  headers: Record<string, string>;
}

export interface SentRecord {
  key: string;
  value: Buffer | string;
  headers?: IHeaders;
}

/** Kafka of the cluster under test, as another system uses it. */
export class KafkaDoor {
  readonly deadLetters: DeadLetterRecord[] = [];
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  readonly #partitions: number;

  private constructor(producer: Producer, consumer: Consumer, partitions: number) {
    this.#producer = producer;
    this.#consumer = consumer;
    this.#partitions = partitions;
  }

  static async open(): Promise<KafkaDoor> {
    const kafka = new kafkajs.Kafka({
      brokers: (process.env['SOMA_ACCEPTANCE_KAFKA'] ?? '').split(','),
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    const admin = kafka.admin();
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPICS.memoryCommands] });
    await admin.disconnect();
    const consumer = kafka.consumer({ groupId: `acceptance-${randomUUID()}`, maxWaitTimeInMs: 100 });
    const door = new KafkaDoor(producer, consumer, topics[0]?.partitions.length ?? 0);
    await door.#follow();
    return door;
  }

  async #follow(): Promise<void> {
    await this.#consumer.subscribe({ topic: TOPICS.deadLetters, fromBeginning: true });
    await this.#consumer.run({
      eachMessage: ({ message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
        this.deadLetters.push({
          value: message.value,
          headers: Object.fromEntries(headers) as Record<string, string>,
        });
        return Promise.resolve();
      },
    });
  }

  /** All in the partition of the first key, in order. */
  async send(topic: Topic, ...records: [SentRecord, ...SentRecord[]]): Promise<number> {
    const partition = partitionOf(records[0].key, this.#partitions);
    const messages = records.map((record) => ({ headers: {}, ...record, partition }));
    await this.#producer.send({ topic, acks: -1, messages });
    return partition;
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
  }
}
