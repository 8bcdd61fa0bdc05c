import { randomUUID } from 'node:crypto';
import kafkajs, { type Message } from 'kafkajs';
import { until } from '../../system/index.js';

export type PlacedMessage = Message & { partition: number };

/** Everything that a topic holds, in the order of its partitions. */
export async function readAll(brokers: readonly string[], topic: string): Promise<PlacedMessage[]> {
  const kafka = clientOf(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  const left = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  );
  const groupId = `fault-suite-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  const messages: PlacedMessage[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message: { key, value, headers, offset } }) => {
      messages.push({ partition, key, value, ...(headers === undefined ? {} : { headers }) });
      if (Number(offset) + 1 >= (left.get(partition) ?? 0)) left.delete(partition);
      return Promise.resolve();
    },
  });
  await until(`all of ${topic} to be read`, 60_000, () => left.size === 0);
  await consumer.disconnect();
  await admin.deleteGroups([groupId]).catch(() => undefined);
  await admin.disconnect();
  return messages.sort((a, b) => a.partition - b.partition);
}

/** The same records once more, on the partitions where they were. */
export async function writeAgain(
  brokers: readonly string[],
  topic: string,
  messages: readonly PlacedMessage[],
): Promise<void> {
  const producer = clientOf(brokers).producer({ idempotent: false });
  await producer.connect();
  try {
    for (let at = 0; at < messages.length; at += 200) {
      await producer.send({ topic, acks: -1, messages: messages.slice(at, at + 200) });
    }
  } finally {
    await producer.disconnect();
  }
}

function clientOf(brokers: readonly string[]) {
  const { Kafka, logLevel } = kafkajs;
  return new Kafka({ brokers: [...brokers], clientId: 'fault-suite', logLevel: logLevel.NOTHING });
}
