import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { LogRecord, PartitionBounds } from '../port.js';
import type { Leaders } from './leaders.js';
import { fetchMessages, isOutOfRange, type FetchedMessage } from './read.js';
import { toRecord } from './records.js';
import { unavailable } from './unavailable.js';

/** Above the largest record, so that no batch of small ones is read alone. */
const MAX_BYTES = 4 * 1024 * 1024;
const TRIES = 5;

/** The records of a range, by fetches from the partition's leader. `startOf` asks where the log begins by now. */
export async function* scanPartition(
  leaders: Leaders,
  name: string,
  topic: Topic,
  { partition, start, end }: PartitionBounds,
  startOf: () => Promise<number>,
): AsyncIterable<LogRecord[]> {
  for (let position = start; position < end;) {
    const messages = await fetchSome(leaders, name, partition, position);
    if (messages === 'gone') {
      // Further on each time, or there would be nothing to go on with.
      position = Math.max(await startOf(), position + 1);
      continue;
    }
    const records = messages
      // A fetch begins with the batch that holds the position, so with what may stand before it.
      .filter(({ offset }) => Number(offset) >= position && Number(offset) < end)
      .filter(({ isControlRecord }) => isControlRecord !== true)
      .map((message) => toRecord(topic, partition, message));
    if (records.length > 0) yield records;
    position = Number(messages.at(-1)?.offset ?? end) + 1;
  }
}

/**
 * `gone` when the log no longer holds the position. That, or an answer with nothing in it, may come from who led the
 * partition before, and is asked for again.
 */
async function fetchSome(
  leaders: Leaders,
  name: string,
  partition: number,
  position: number,
): Promise<FetchedMessage[] | 'gone'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const messages = await fetchMessages(leaders, name, partition, position, MAX_BYTES);
      if (messages.some(({ offset }) => Number(offset) >= position)) return messages;
      throw new SomaError('event_log_unavailable', 'Kafka gave nothing of what its bounds promise');
    } catch (error) {
      if (attempt === TRIES && isOutOfRange(error)) return 'gone';
      if (attempt === TRIES) throw unavailable(error);
      await leaders.refresh();
    }
  }
}
