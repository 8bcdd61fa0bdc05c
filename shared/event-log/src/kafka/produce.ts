import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { Broker, Message } from 'kafkajs';
import type { PartitionQueue, WaitingRecord } from '../appending/partition-queue.js';
import { kafkaError, unavailable } from './unavailable.js';

/** How long a leader waits for its replicas, milliseconds. */
const ACK_TIMEOUT_MS = 5_000;

/** What one send has of one partition. */
export interface Batch {
  queue: PartitionQueue;
  records: WaitingRecord[];
}

/** The part of a produce response that is read. */
interface Produced {
  topics: { topicName: string; partitions: { partition: number; baseOffset: string }[] }[];
}

/** One request; returns the first position of each partition's records. */
export async function produce(
  broker: Broker,
  batches: Batch[],
  nameOf: (topic: Topic) => string,
): Promise<Map<string, number>> {
  const topics = new Map<string, { partition: number; firstSequence: number; messages: Message[] }[]>();
  for (const { queue, records } of batches) {
    const name = nameOf(queue.topic);
    const messages = records.map(({ record: { key, value, headers } }) => ({ key, value, headers }));
    const partitions = topics.get(name) ?? [];
    partitions.push({ partition: queue.partition, firstSequence: 0, messages });
    topics.set(name, partitions);
  }
  const topicData = [...topics].map(([topic, partitions]) => ({ topic, partitions }));
  const response = (await broker.produce({ acks: -1, timeout: ACK_TIMEOUT_MS, topicData })) as Produced;
  return new Map(
    response.topics.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partition, baseOffset }): [string, number] => [
        `${topicName}/${partition}`,
        Number(baseOffset),
      ]),
    ),
  );
}

export function sizeOf(records: WaitingRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function isTooLarge(error: unknown): boolean {
  const { type } = kafkaError(error);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

/** What no repeat mends. */
export function refusalOf(error: unknown): SomaError | undefined {
  if (isTooLarge(error)) {
    return new SomaError('record_too_large', 'Kafka refused the record as too large', { cause: error });
  }
  const { retriable, type } = kafkaError(error);
  return retriable || type === undefined ? undefined : unavailable(error);
}
