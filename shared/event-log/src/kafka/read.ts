import type { Topic } from '@soma/events';
import type { KafkaMessage } from 'kafkajs';
import type { LogRecord } from '../port.js';
import type { Leaders } from './leaders.js';
import { toRecord } from './records.js';
import { kafkaError, unavailable } from './unavailable.js';

/** The part of a fetch response that is read. */
interface Fetched {
  responses: { partitions: { messages: (KafkaMessage & { isControlRecord?: boolean })[] }[] }[];
}

/** What fetches are made with. */
export type Asking = Pick<Leaders, 'brokerOf' | 'refresh'>;

const TRIES = 3;

/**
 * One record by its position, without joining a group: one fetch from the partition's leader. Who led it before
 * answers as well, with what it has by now and without a word that it no longer leads (KIP-392): that there is nothing
 * is believed only of a leader who was just asked for.
 */
export async function readRecord(
  leaders: Asking,
  name: string,
  topic: Topic,
  partition: number,
  position: number,
): Promise<LogRecord | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Nothing behind the first batch is wanted.
      const messages = await fetchMessages(leaders, name, partition, position, 1);
      const found = messages.find(
        ({ offset, isControlRecord }) => Number(offset) === position && isControlRecord !== true,
      );
      if (found !== undefined) return toRecord(topic, partition, found);
      if (attempt === TRIES) return undefined;
    } catch (error) {
      if (attempt === TRIES && isOutOfRange(error)) return undefined;
      if (attempt === TRIES) throw unavailable(error);
    }
    await leaders.refresh();
  }
}

export function isOutOfRange(error: unknown): boolean {
  return kafkaError(error).name === 'KafkaJSOffsetOutOfRange';
}

export type FetchedMessage = Fetched['responses'][0]['partitions'][0]['messages'][0];

/** One fetch from the partition's leader. Kafka sends the first batch whole, however large, and as much more as fits. */
export async function fetchMessages(
  leaders: Pick<Leaders, 'brokerOf'>,
  topic: string,
  partition: number,
  position: number,
  maxBytes: number,
): Promise<FetchedMessage[]> {
  const request = {
    maxWaitTime: 0,
    minBytes: 0,
    maxBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(position), maxBytes }] }],
  };
  const leader = await leaders.brokerOf(topic, partition);
  const fetched = (await leader.fetch(request)) as Fetched;
  return fetched.responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));
}
